//! Tests across crates: see `tests/`. Nothing else lives here.
