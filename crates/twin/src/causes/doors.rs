//! Systems, or parts of them, that are closed to one company for a while. Settled by the list, so nothing is drawn.

use super::{ALL, Does, Door, Plant, company};
use crate::clock::{Instant, MINUTE};
use crate::settings::Settings;

/// While the queue drops an order, nobody may ask for it by its key either.
const BY_KEY: Door = Door {
    part: "/restapi/v4/orders/7",
    from: 0,
    to: 100,
    status: Some(403),
};

/// A call that meets a closed door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// What somebody else answers; none where no connection is made.
    pub status: Option<u16>,
}

pub fn closed(settings: &Settings, of: Option<u32>, address: &str, now: Instant) -> Option<Closed> {
    if settings.plant != Some(Plant::Causes) {
        return None;
    }
    let minute = (now - settings.origin).div_euclid(MINUTE);
    let doors = ALL
        .iter()
        .filter(|cause| Some(company(cause)) == of && settings.plants(cause));
    let mut doors = doors.filter_map(|cause| match cause.does {
        Does::Door(door) => Some(door),
        Does::Drop => Some(BY_KEY),
        Does::ChangeQuantityOnceBooked => Some(UNACKNOWLEDGED),
        _ => None,
    });
    doors
        .find(|door| address.contains(door.part) && (door.from..door.to).contains(&minute))
        .map(|door| Closed { status: door.status })
}

/// What is acknowledged is not shown as new any more, so a change of it would not be seen.
const UNACKNOWLEDGED: Door = Door {
    part: "/acknowledge",
    from: 0,
    to: 60,
    status: None,
};
