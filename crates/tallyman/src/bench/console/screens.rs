//! Every screen of the console, in one table. A new screen is a line here.

/// A screen. In its path, `{card}`, `{order}` and `{number}` stand for one of many cards and orders, another with each request; `{me}` is
/// the person who looks, `{day}` the last day on which orders came.
#[derive(Debug)]
pub struct Screen {
    pub path: &'static str,
}

const fn screen(path: &'static str) -> Screen {
    Screen { path }
}

impl Screen {
    /// Whether each request asks for another card or order.
    pub fn is_of_many(&self) -> bool {
        ["{card}", "{order}", "{number}"].iter().any(|of| self.path.contains(of))
    }
}

pub const SCREENS: &[Screen] = &[
    screen("/"),
    screen("/?company=trader-1"),
    screen("/work"),
    screen("/cards"),
    screen("/cards?sort=money"),
    screen("/cards?sort=oldest&team=operations"),
    screen("/cards?life=resolved"),
    screen("/cards/{card}"),
    screen("/outcomes"),
    screen("/retries"),
    screen("/orders"),
    screen("/orders?q={number}"),
    screen("/orders/{order}"),
    screen("/mappings"),
    screen("/mappings/words?table=sku&connection=virtualstock-1"),
    screen("/mappings/import"),
    screen("/connections"),
    screen("/tally?day={day}"),
    screen("/tally?company=trader-1&kind=order&day={day}"),
    screen("/journal"),
    screen("/handbook"),
    screen("/drill"),
    screen("/proposals"),
    screen("/settings"),
    screen("/settings/access"),
    screen("/settings/people"),
    screen("/settings/people/{me}"),
    screen("/settings/deputies"),
    screen("/settings/tokens"),
    screen("/settings/alerts"),
    screen("/settings/calendars"),
    screen("/settings/retention"),
    screen("/account"),
    screen("/help"),
];

/// What screens of one card or one order are asked for.
#[derive(Debug)]
pub struct Targets {
    pub cards: Vec<String>,
    /// Our own ids, and the retailer's numbers.
    pub orders: Vec<(String, String)>,
    pub day: String,
}

impl Targets {
    /// Where the request of this number goes: each to another card or order, spread over all of them.
    pub fn path(&self, screen: &Screen, number: u64, me: &str) -> String {
        let place = |many: usize| usize::try_from(number.wrapping_mul(7_919) % many.max(1) as u64).unwrap_or(0);
        let card = self.cards.get(place(self.cards.len())).map_or("", String::as_str);
        let (order, reference) = self
            .orders
            .get(place(self.orders.len()))
            .map_or(("", ""), |(order, reference)| (order, reference));
        screen
            .path
            .replace("{card}", card)
            .replace("{order}", order)
            .replace("{number}", reference)
            .replace("{me}", me)
            .replace("{day}", &self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is no screen, and a screen of what the bench's store has none of.
    const NOT_MEASURED: [&str; 4] = [
        "/sheets/{list}",
        "/cards/{card}/capsule",
        "/mappings/export",
        "/proposals/{proposal}",
    ];

    #[test]
    fn every_screen_is_measured() {
        let name = |path: &str| {
            path.split('?')
                .next()
                .unwrap_or_default()
                .replace("{order}", "{journey}")
                .replace("{me}", "{person}")
        };
        let measured: Vec<String> = SCREENS.iter().map(|screen| name(screen.path)).collect();
        let forms = tallyman_web::form_paths();
        let not: Vec<&str> = tallyman_web::page_paths()
            .into_iter()
            .filter(|path| !forms.iter().any(|(form, _)| form == path))
            .filter(|path| !measured.iter().any(|its| its == path) && !NOT_MEASURED.contains(path))
            .collect();
        assert_eq!(not, Vec::<&str>::new(), "a screen that is not measured");
    }

    #[test]
    fn each_request_asks_for_another_card() {
        let targets = Targets {
            cards: vec!["A".into(), "B".into(), "C".into()],
            orders: vec![("J".into(), "R-1".into())],
            day: "2026-11-02".into(),
        };
        let asked: Vec<String> = (0..3)
            .map(|number| targets.path(&screen("/cards/{card}"), number, "me"))
            .collect();
        assert_eq!(asked, ["/cards/A", "/cards/C", "/cards/B"]);
        assert_eq!(targets.path(&screen("/orders?q={number}"), 9, "me"), "/orders?q=R-1");
        assert_eq!(targets.path(&screen("/tally?day={day}"), 9, "me"), "/tally?day=2026-11-02");
    }
}
