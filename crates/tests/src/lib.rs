//! What tests across crates share; the tests themselves are in `tests/`.

pub mod doorman;
pub mod leave;
pub mod morning;
pub mod parked;
pub mod refused;
pub mod scene;
pub mod site;
pub mod slack;
pub mod telephone;
