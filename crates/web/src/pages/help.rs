//! Keyboard: what each key does. The same sheet opens over any page with `?`.

use maud::html;

use super::another_link;
use crate::api::inside::Inside;
use crate::view::frame::head;
use crate::view::panel::raw;
use crate::view::rail;
use crate::view::{Frame, Page, Place, keys, page};

pub async fn show(inside: Inside) -> Page {
    let sheet = html! {
        table {
            caption.hidden { "Keys and what they do" }
            thead { tr { th scope="col" { "Strike" } th scope="col" { "and" } } }
            tbody {
                @for (struck, does) in keys::DOES {
                    tr { td.nowrap { @for key in struck { kbd { (key) } " " } } td.wide { (does) } }
                }
                @for (letter, name) in keys::places(&rail::paths()) {
                    tr { td.nowrap { kbd { "g" } " " kbd { (letter) } } td.wide { "Go to " (name) } }
                }
            }
        }
    };
    let sub =
        "Everything here can be done without a mouse. In a field, keys are letters again; Escape leaves what lies over the page.";
    let body = html! {
        (head(None, html! { "Keyboard" }, html! { (sub) }, html! {}))
        (another_link(&inside))
        (raw("keys", "Keys", None, sheet))
    };
    page(&Frame::of(&inside, Place::Nowhere), "Keyboard", body)
}
