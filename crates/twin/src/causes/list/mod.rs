//! The causes themselves: one table, of which each file holds a part. Companies of their own are numbered in its order.

mod connections;
mod goods;
mod money;
mod orders;
mod words;

use super::{Cause, Does, Door, Home, Of, Wants, Word};

const OPERATIONS: &str = "operations";
const FINANCE: &str = "finance";
const INTEGRATION: &str = "integration";

const fn slip(name: &'static str, code: &'static str, owner: &'static str, among: u32, place: &'static str, word: Word) -> Cause {
    cause(name, code, owner, Home::Among(among), Does::Slip(place, word), Of::Target)
}

const fn cause(name: &'static str, code: &'static str, owner: &'static str, home: Home, does: Does, of: Of) -> Cause {
    Cause {
        name,
        code,
        owner,
        home,
        does,
        of,
        wants: None,
    }
}

const fn among(name: &'static str, code: &'static str, owner: &'static str, does: Does) -> Cause {
    cause(name, code, owner, Home::Among(1), does, Of::Target)
}

const fn wanting(name: &'static str, code: &'static str, owner: &'static str, orders: u32, of: Of, wants: Wants) -> Cause {
    Cause {
        wants: Some(wants),
        ..cause(name, code, owner, Home::Alone(orders), Does::Nothing, of)
    }
}

/// Nobody answers at this system for two hours.
const fn down(part: &'static str) -> Does {
    Does::Door(Door {
        part,
        from: 45,
        to: 165,
        status: None,
    })
}

const fn door(part: &'static str, from: i64, to: i64, status: Option<u16>) -> Does {
    Does::Door(Door { part, from, to, status })
}

const PARTS: [&[Cause]; 5] = [
    words::CAUSES,
    orders::CAUSES,
    money::CAUSES,
    goods::CAUSES,
    connections::CAUSES,
];

pub const ALL: &[Cause] = &joined();

const fn count() -> usize {
    let (mut part, mut count) = (0, 0);
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
}

const fn joined() -> [Cause; count()] {
    let mut all = [PARTS[0][0]; count()];
    let (mut part, mut place) = (0, 0);
    while part < PARTS.len() {
        let mut row = 0;
        while row < PARTS[part].len() {
            all[place] = PARTS[part][row];
            place += 1;
            row += 1;
        }
        part += 1;
    }
    all
}

/// The company where a cause is at home.
pub fn company(cause: &Cause) -> u32 {
    match cause.home {
        Home::Among(company) => company,
        Home::With(other) => ALL.iter().find(|known| known.name == other).map_or(0, company),
        Home::Alone(_) | Home::Crowd => {
            let own = ALL.iter().filter(|known| matches!(known.home, Home::Alone(_) | Home::Crowd));
            let before = own.take_while(|known| known.name != cause.name).count();
            3 + before as u32
        }
    }
}
