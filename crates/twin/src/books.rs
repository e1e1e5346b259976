//! Everything the twin's companies wrote down, in one place, behind the wire's one lock.

use crate::faults::Counts;
use crate::mintsoft::Mintsoft;
use crate::sage::Sage;
use crate::settings::Settings;
use crate::virtualstock::Virtualstock;
use crate::world::World;

pub struct Books {
    pub sage: Sage,
    pub virtualstock: Virtualstock,
    pub mintsoft: Mintsoft,
    pub world: World,
}

impl Books {
    pub fn new(settings: &Settings, counts: &Counts) -> Self {
        Self {
            sage: Sage::new(settings, counts.clone()),
            virtualstock: Virtualstock::new(settings, counts.clone()),
            mintsoft: Mintsoft::new(settings, counts.clone()),
            world: World::new(settings),
        }
    }
}
