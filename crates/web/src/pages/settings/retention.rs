//! Retention: what is kept, for how long, and how it goes.

use maud::html;

use super::{Asked, Tab, company, settings as framed, whose};
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::form::Query;
use crate::view::Page;
use crate::view::panel::{panel, raw};

/// What is kept: what it is, how it is kept, and how it goes.
const KEPT: [(&str, &str, &str); 7] = [
    (
        "What a retailer, the warehouse or the ledger sent, and what was said to them",
        "Sealed under a key of its own order.",
        "With the order, when its customer is erased.",
    ),
    (
        "Names and addresses",
        "Only within what is sealed, and looked for by a hash.",
        "When the customer is erased: the key is destroyed, and nothing can be opened any more.",
    ),
    (
        "Orders, quantities, figures, VAT facts",
        "In plain; they name nobody.",
        "They stay: the tax authority may ask for six years of them.",
    ),
    (
        "What was said to a vendor and answered, where a write went well",
        "The last three exchanges, sealed under the order’s own key; shown masked.",
        "After 14 days, unless the configuration says otherwise under [pace] keep_exchanges_days. Erasing the customer makes it unreadable at once.",
    ),
    (
        "The journal",
        "Chained line by line. People are named by id.",
        "It stays. An erased order’s lines still verify and can no longer be read.",
    ),
    (
        "Cards and what people wrote on them",
        "In plain, for those with the right to open.",
        "They stay: write no names of customers there.",
    ),
    (
        "Who signed in, and how often a password was wrong",
        "Cookies by their hash only.",
        "Sessions end by themselves and are swept.",
    ),
];

/// The page.
pub async fn show(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    inside.merchants_with(Right::Read)?;
    let company = company(&inside, &asked);
    let body = html! {
        (whose(&inside, Tab::Retention, &company))
        (raw("kept", "What is kept", None, html! {
            table.fold {
                caption.hidden { "What is kept" }
                thead { tr { th scope="col" { "What" } th scope="col" { "How" } th scope="col" { "When it goes" } } }
                tbody {
                    @for (what, how, goes) in KEPT { tr { td.wide { (what) } td.wide data-h="How" { (how) } td.wide data-h="When it goes" { (goes) } } }
                }
            }
        }))
        (panel("erase", "To erase a customer", None, html! {
            div.tight {
                p { "Nothing goes by its age: no period is in force. Whoever runs the program erases a customer by hand, on the machine itself:" }
                p { code { "tallyman person find" } " shows which orders name them; " code { "tallyman person erase" } " destroys their keys and adds a line to the journal." }
                p.muted { "An order that is still under way is named before anything is destroyed." }
            }
        }))
    };
    Ok(framed(
        &inside,
        Tab::Retention,
        "What is kept, for how long, and how it goes.",
        html! {},
        body,
    ))
}
