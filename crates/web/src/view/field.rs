//! Fields of forms: each with its label, its help, and what was wrong with it the last time.

use maud::{Markup, html};

use crate::api::problem::Problem;

/// What was wrong, and with which field.
#[derive(Clone, Copy)]
pub struct Wrong<'a> {
    pub field: &'a str,
    pub sentence: &'a str,
}

impl<'a> Wrong<'a> {
    /// What was refused, where it says of which field.
    pub fn of(refused: Option<&'a Problem>) -> Option<Self> {
        let refused = refused?;
        Some(Self {
            field: refused.field.as_deref()?,
            sentence: &refused.detail,
        })
    }

    /// The same on a form that has another name for the field.
    pub fn renamed(self, from: &str, to: &'a str) -> Self {
        let field = if self.field == from { to } else { self.field };
        Self { field, ..self }
    }
}

/// A field and its label. `control` has the id, and names `ID-help` and `ID-wrong` where they are.
pub fn field(id: &str, label: &str, control: Markup, help: Option<&str>, wrong: Option<&str>) -> Markup {
    html! {
        div.field.wrong[wrong.is_some()] {
            label for=(id) { (label) }
            (control)
            @if let Some(wrong) = wrong { p.wrong.small #{ (id) "-wrong" } { (wrong) } }
            @if let Some(help) = help { p.help #{ (id) "-help" } { (help) } }
        }
    }
}

/// A line of text.
#[derive(Clone, Copy, Default)]
pub struct Text<'a> {
    /// Also its id, unless it has another one.
    pub name: &'a str,
    /// Its id, where another form of the page has a field of this name.
    pub id: &'a str,
    pub label: &'a str,
    pub value: &'a str,
    pub help: Option<&'a str>,
    pub placeholder: Option<&'a str>,
    pub chars_max: u32,
    pub required: bool,
    /// More than a line.
    pub long: bool,
    pub list: Option<&'a str>,
    /// Characters that fit, where it may hold more while it is being shortened: the page says how many there are, and the browser does not send
    /// more.
    pub room: Option<usize>,
}

impl<'a> Text<'a> {
    /// Why somebody does what the form is for.
    pub fn reason(name: &'a str, value: &'a str) -> Self {
        Self {
            name,
            label: "Why",
            value,
            help: Some("The journal keeps it with your name."),
            chars_max: 2_000,
            required: true,
            ..Self::default()
        }
    }
}

/// The field, with what was wrong with it if it is the one.
pub fn text(text: Text<'_>, wrong: Option<Wrong<'_>>) -> Markup {
    let id = if text.id.is_empty() { text.name } else { text.id };
    let wrong = wrong.filter(|wrong| wrong.field == text.name).map(|wrong| wrong.sentence);
    let has = text.value.encode_utf16().count();
    let parts = [
        (wrong.is_some(), "wrong"),
        (text.room.is_some(), "room"),
        (text.help.is_some(), "help"),
    ];
    let parts = parts.iter().filter(|(is, _)| *is).map(|(_, part)| format!("{id}-{part}"));
    let described = Some(parts.collect::<Vec<_>>().join(" ")).filter(|parts| !parts.is_empty());
    let control = html! {
        @if text.long {
            textarea #(id) name=(text.name) maxlength=(text.chars_max) required[text.required] aria-describedby=[described]
                aria-invalid=[wrong.map(|_| "true")] placeholder=[text.placeholder] { (text.value) }
        } @else {
            input #(id) name=(text.name) value=(text.value) maxlength=(text.chars_max) required[text.required]
                aria-describedby=[described] aria-invalid=[wrong.map(|_| "true")] placeholder=[text.placeholder] list=[text.list]
                pattern=[text.room.map(|room| format!(".{{0,{room}}}"))] title=[text.room.map(|room| format!("At most {room} characters"))]
                data-room=[text.room] autocomplete="off";
        }
        @if let Some(room) = text.room { p.help.over[has > room] #{ (id) "-room" } { (has) " of at most " (room) " characters" } }
    };
    field(id, text.label, control, text.help, wrong)
}

/// A choice of a few; a value and what it is called.
pub fn choice(name: &str, label: &str, options: &[(String, String)], chosen: &str) -> Markup {
    choice_as(name, name, label, options, chosen)
}

/// The same under an id of its own, where another form of the page has a field of this name.
pub fn choice_as(id: &str, name: &str, label: &str, options: &[(String, String)], chosen: &str) -> Markup {
    let control = html! {
        select #(id) name=(name) {
            @for (value, called) in options { option value=(value) selected[value == chosen] { (called) } }
        }
    };
    field(id, label, control, None, None)
}

/// Choices with their names, from pairs of texts.
pub fn options<A: Into<String>, B: Into<String>>(pairs: impl IntoIterator<Item = (A, B)>) -> Vec<(String, String)> {
    pairs
        .into_iter()
        .map(|(value, called)| (value.into(), called.into()))
        .collect()
}

/// What goes along with a form unseen.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}
