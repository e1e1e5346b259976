//! The hands that a page is used by: a mouse, or the keyboard alone. A test says what is done; how, its browser's hand says.
//!
//! Either way a thing is found by the name that people see, and there must be one of it. By keyboard the focus is brought to it with the
//! tab key, where it must be seen and be read out by that name; then it is pressed with Enter, ticked with the space bar, filled in letter by
//! letter. Nothing is clicked then, and no script sets a value.

use std::path::Path;

use serde_json::{Value, json};

use super::kit::{Browser, CONTROL, ELEMENT, ENTER, TAB, even};

const RIGHT: &str = "\u{E014}";
const DOWN: &str = "\u{E015}";
const SPACE: &str = " ";
/// No page has more places for the focus on the way to one of them.
const TABS_MAX: usize = 300;
/// No group has more choices than this.
const CHOICES_MAX: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Mouse,
    Keyboard,
}

/// Something on the page that there is one of: the script that finds it, and what it is called.
struct Sought<'a> {
    script: &'static str,
    arguments: Value,
    name: &'a str,
}

impl<'a> Sought<'a> {
    fn pressed(place: &str, name: &'a str) -> Self {
        Self {
            script: PRESSED,
            arguments: json!([place, name]),
            name,
        }
    }

    fn field(place: &str, label: &'a str) -> Self {
        Self {
            script: FIELD,
            arguments: json!([place, label]),
            name: label,
        }
    }

    fn on_the_rail(name: &'a str) -> Self {
        Self {
            script: ON_THE_RAIL,
            arguments: json!([name]),
            name,
        }
    }
}

impl Browser {
    /// Presses the one link or button of this name.
    pub async fn press(&self, name: &str) {
        self.press_in("body", name).await;
    }

    /// Presses the one link or button of this name within what a selector names.
    pub async fn press_in(&self, place: &str, name: &str) {
        self.pressed(&Sought::pressed(place, name)).await;
    }

    /// Goes to a place of the console by the rail, which is behind the menu where there is little room.
    pub async fn go(&self, place: &str) {
        if self.view().narrow() {
            self.press("Menu").await;
        }
        self.pressed(&Sought::on_the_rail(place)).await;
        let here = format!(
            "const here = document.querySelector('#rail a[aria-current=page]'); return !!here && here.firstChild.textContent.trim() === '{place}'"
        );
        self.becomes(place, &here).await;
    }

    async fn pressed(&self, sought: &Sought<'_>) {
        match self.hand() {
            Hand::Mouse => self.click(sought).await,
            Hand::Keyboard => {
                self.come_to(sought).await;
                self.strike(&[ENTER]).await;
            }
        }
    }

    /// Writes into the one field with this label, in the place of what stands there.
    pub async fn fill(&self, label: &str, text: &str) {
        self.fill_in("body", label, text).await;
    }

    /// The same within what a selector names.
    pub async fn fill_in(&self, place: &str, label: &str, text: &str) {
        let field = Sought::field(place, label);
        match self.hand() {
            Hand::Mouse => {
                let element = self.one_of(&field).await;
                self.post(&format!("/element/{element}/clear"), json!({})).await;
                self.post(&format!("/element/{element}/value"), json!({"text": text})).await;
            }
            Hand::Keyboard => {
                self.come_to(&field).await;
                self.strike(&[CONTROL, "a"]).await;
                self.write(text).await;
            }
        }
        self.says(&field, text).await;
    }

    /// Says a day, or a day and a time of day (`2026-11-09`, `2026-11-09T09:00`), in the one field with this label. Nobody can do that without
    /// keys, so by mouse only the way to it is another.
    pub async fn fill_when(&self, label: &str, when: &str) {
        let field = Sought::field("body", label);
        match self.hand() {
            Hand::Mouse => {
                let named = Sought {
                    script: LABEL,
                    arguments: json!([label]),
                    name: label,
                };
                self.click(&named).await;
            }
            Hand::Keyboard => self.come_to(&field).await,
        }
        let parts = self.run(WRITTEN, json!([when])).await;
        for part in parts.as_array().into_iter().flatten() {
            self.write(part["value"].as_str().unwrap_or_default()).await;
            // A part that is full goes on to the next by itself, but for the year, which might be longer.
            if part["type"] == "year" {
                self.strike(&[RIGHT]).await;
            }
        }
        self.says(&field, when).await;
    }

    /// Ticks the one box with this label, or takes the one choice.
    pub async fn tick(&self, label: &str) {
        let field = Sought::field("body", label);
        match self.hand() {
            Hand::Mouse => self.click(&field).await,
            Hand::Keyboard => {
                self.tab_until(&field, IN_ITS_GROUP).await;
                // The tab key comes to a group of choices once; within it the arrows lead on, and choose.
                for _ in 0..CHOICES_MAX {
                    if self.is(&field, FOCUSED).await {
                        break;
                    }
                    self.strike(&[DOWN]).await;
                }
                self.holds_focus(&field).await;
                if !self.is(&field, "one.checked").await {
                    self.strike(&[SPACE]).await;
                }
            }
        }
        assert!(self.is(&field, "one.checked").await, "“{label}” is not ticked");
    }

    /// Chooses from the one list with this label: by keyboard, by writing what the choice begins with.
    pub async fn choose(&self, label: &str, option: &str) {
        let list = Sought::field("body", label);
        match self.hand() {
            Hand::Mouse => {
                let list = self.one_of(&list).await;
                let choice = Sought {
                    script: OPTION,
                    arguments: json!([{ELEMENT: list}, option]),
                    name: option,
                };
                self.click(&choice).await;
            }
            Hand::Keyboard => {
                self.come_to(&list).await;
                self.write(option).await;
            }
        }
        let chosen = self.value(&list, "one.selectedOptions[0].text").await;
        assert_eq!(even(chosen.as_str().unwrap_or_default()), option, "{label}");
    }

    /// Gives a file to the one field with this label. The dialog in which a file is chosen is the system's and no part of the page, so the
    /// driver hands it over; by keyboard the focus comes to the field before.
    pub async fn upload(&self, label: &str, file: &Path) {
        let field = Sought::field("body", label);
        if self.hand() == Hand::Keyboard {
            self.come_to(&field).await;
        }
        let element = self.one_of(&field).await;
        let path = file.to_str().expect("a path in letters");
        self.post(&format!("/element/{element}/value"), json!({"text": path})).await;
    }

    /// Goes on with the tab key until what is read out by this name has the focus, and can be seen to have it.
    pub async fn reach(&self, name: &str) {
        let mut passed = Vec::new();
        for _ in 0..TABS_MAX {
            self.strike(&[TAB]).await;
            let focus = self.focus().await;
            if focus == name {
                return self.shows_focus(name).await;
            }
            passed.push(focus);
        }
        panic!(
            "the tab key does not reach “{name}” at {}; it reaches {passed:?}",
            self.address().await
        );
    }

    async fn one_of(&self, sought: &Sought<'_>) -> String {
        self.the_one(sought.script, sought.arguments.clone(), sought.name).await
    }

    async fn click(&self, sought: &Sought<'_>) {
        let element = self.one_of(sought).await;
        self.post(&format!("/element/{element}/click"), json!({})).await;
    }

    /// Goes on with the tab key until what is sought has the focus.
    async fn come_to(&self, sought: &Sought<'_>) {
        self.tab_until(sought, FOCUSED).await;
        self.holds_focus(sought).await;
    }

    async fn tab_until(&self, sought: &Sought<'_>, is_there: &str) {
        self.one_of(sought).await;
        let mut passed = Vec::new();
        for _ in 0..TABS_MAX {
            if self.is(sought, is_there).await {
                return;
            }
            self.strike(&[TAB]).await;
            passed.push(self.run(WHERE, json!([])).await);
        }
        panic!(
            "the tab key does not come to “{}” at {}; it comes to {passed:?}",
            sought.name,
            self.address().await
        );
    }

    /// That the focus can be seen where it is, and is read out by the name that people see.
    async fn holds_focus(&self, sought: &Sought<'_>) {
        let read_out = self.focus().await;
        assert!(
            read_out.contains(sought.name),
            "what is shown as “{}” is read out as “{read_out}” at {}",
            sought.name,
            self.address().await
        );
        self.shows_focus(sought.name).await;
    }

    async fn shows_focus(&self, name: &str) {
        let seen = self.run(FOCUS_SEEN, json!([])).await;
        assert_eq!(seen, Value::Bool(true), "nobody can see that “{name}” has the focus");
    }

    /// That a field holds what was written into it.
    async fn says(&self, field: &Sought<'_>, text: &str) {
        assert_eq!(self.value(field, "one.value").await, json!(text), "“{}”", field.name);
    }

    async fn is(&self, sought: &Sought<'_>, said: &str) -> bool {
        self.value(sought, said).await == Value::Bool(true)
    }

    /// What is said of the one, as a script says it. It is looked for again each time: a page that stays current may have put it anew.
    async fn value(&self, sought: &Sought<'_>, said: &str) -> Value {
        let script = format!(
            "const [one] = (function () {{ {} }}).apply(null, arguments); const active = document.activeElement; return one ? {said} : null",
            sought.script
        );
        self.run(&script, sought.arguments.clone()).await
    }
}

const FOCUSED: &str = "one === active";
/// Choices of one name are one place for the tab key.
const IN_ITS_GROUP: &str =
    "one === active || (one.type === 'radio' && active.type === 'radio' && one.name === active.name && one.form === active.form)";

/// What can be pressed within a place and has this name.
const PRESSED: &str = "
    const [place, name] = arguments;
    const word = e => (e.getAttribute('aria-label') || e.innerText || e.value || '').replace(/\\s+/g, ' ').trim();
    const kinds = 'a[href], button, summary, input[type=submit], [role=button], [role=link], [role=tab], [role=menuitem]';
    return [...document.querySelectorAll(place)].flatMap(e => [...e.querySelectorAll(kinds)])
        .filter(e => e.checkVisibility() && word(e) === name);";

/// The fields with this label within a place; a field that stands within its label is no part of it.
const FIELD: &str = "
    const [place, label] = arguments;
    const bare = l => { const copy = l.cloneNode(true); copy.querySelectorAll('input, select, textarea').forEach(e => e.remove()); return copy.textContent };
    const word = e => (e.getAttribute('aria-label') || [...e.labels || []].map(bare).join(' ')).replace(/\\s+/g, ' ').trim();
    return [...document.querySelectorAll(place)].flatMap(e => [...e.querySelectorAll('input, select, textarea')])
        .filter(e => e.checkVisibility() && word(e) === label);";

/// The labels that say this.
const LABEL: &str = "
    const [label] = arguments;
    return [...document.querySelectorAll('label')].filter(e => e.checkVisibility() && e.innerText.trim() === label);";

/// The options with this name of a list.
const OPTION: &str = "
    const [list, name] = arguments;
    return [...list.options].filter(option => option.text.replace(/\\s+/g, ' ').trim() === name);";

/// The places of the rail with this name; how much waits there stands beside it.
const ON_THE_RAIL: &str = "
    const [name] = arguments;
    return [...document.querySelectorAll('#rail li a')].filter(e => e.checkVisibility() && e.firstChild.textContent.trim() === name);";

/// The parts of a day, or a day and a time of day, in the order in which this browser's field for it takes them.
const WRITTEN: &str = "
    const [when] = arguments;
    const day = {day: '2-digit', month: '2-digit', year: 'numeric'};
    const parts = when.includes('T') ? {...day, hour: '2-digit', minute: '2-digit'} : day;
    return new Intl.DateTimeFormat(undefined, parts).formatToParts(new Date(when.includes('T') ? when : when + 'T00:00'))
        .filter(part => part.type !== 'literal');";

/// What has the focus, for whoever must find out why it is not something else.
const WHERE: &str = "
    const active = document.activeElement;
    return active.tagName + ' ' + (active.getAttribute('aria-label') || active.innerText || active.id || '').slice(0, 40)";

/// Whether what has the focus looks otherwise than without it: an outline or a shadow.
const FOCUS_SEEN: &str = "
    const style = getComputedStyle(document.activeElement);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';";
