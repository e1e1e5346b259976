//! What tests across crates share; the tests themselves are in `tests/`.

pub mod scene;
