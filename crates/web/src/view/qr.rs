//! A picture to photograph: a QR code as an inline SVG, which the policy of content allows and which no file has to be kept for.
//!
//! It is dark on light in both schemes, since cameras want it so.

use maud::{Markup, html};
use qrcode::{Color, QrCode};

/// Light around it, in modules: as the standard asks for (ISO/IEC 18004).
const QUIET: usize = 4;

/// The picture of a text; none if it is too long for one.
pub fn picture(text: &str) -> Option<Markup> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (row, modules) in colors.chunks(width).enumerate() {
        let mut from = 0;
        while from < width {
            let run = modules[from..].iter().take_while(|module| **module == Color::Dark).count();
            if run > 0 {
                path += &format!("M{} {}h{run}v1h-{run}z", from + QUIET, row + QUIET);
            }
            from += run.max(1);
        }
    }
    let side = width + 2 * QUIET;
    Some(html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } width="240" height="240" role="img" aria-label="The secret as a picture; it stands below as text" shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#ffffff" {}
            path d=(path) fill="#000000" {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_quiet_zone_and_its_three_corners() {
        let svg = picture("otpauth://totp/Tallyman:anna?secret=JBSWY3DPEHPK3PXP")
            .unwrap()
            .into_string();
        // Each corner begins with seven dark modules in a row, four from the edge.
        assert!(svg.contains("M4 4h7v1h-7z"), "{svg}");
        assert!(picture(&"x".repeat(4_000)).is_none());
    }
}
