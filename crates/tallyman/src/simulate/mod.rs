//! The simulation: the real engine, connectors and SQLite against the twin, at virtual time, from one seed.
