//! The commands, one module each.

pub mod alerts;
pub mod amend;
pub mod api;
pub mod bench;
pub mod check;
pub mod connections;
pub mod demo;
pub mod drill;
pub mod exceptions;
pub mod exchanges;
pub mod handbook;
pub mod journal;
pub mod journey;
pub mod key;
pub mod map;
pub mod people;
pub mod person;
mod promise;
pub mod replay;
pub mod retry;
pub mod simulate;
pub mod tally;
pub mod twin;
pub mod worker;

use clap::{Parser, Subcommand};
use tallyman_core::access::Actor;

use crate::config::Log;
use crate::logs;

/// Whoever looks, where nobody has to say who they are: the database lies open to them.
pub(crate) fn at_the_machine() -> Actor {
    Actor::terminal("terminal")
}

/// Moves orders, despatches and stock between Sage 200, 3PL warehouses and sales channels; nothing is lost, nothing happens twice.
#[derive(Parser)]
#[command(name = "tallyman", version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Works, and answers /health and the API.
    Serve(worker::Serve),
    /// Works without a listener: one more beside `serve`, on PostgreSQL.
    Worker(worker::Work),
    /// Checks the configuration, the database and each system, and says what to do about what is wrong.
    Check(check::Check),
    /// Tells the story of an order: what happened, how far each line is, what is open and what to do.
    Journey(journey::Journey),
    /// What stands still and why, and a person's word about it.
    Exceptions(exceptions::Exceptions),
    /// Replaces a field of a record that its source cannot correct.
    Amend(amend::Amend),
    /// Tries an order again: first shows which of its writes go again and which have landed, then does it.
    Retry(retry::Retry),
    /// How the outside systems stand: tested, stopped, held, their work done now.
    Connections(connections::Connections),
    /// Exports a card as one file that can be decided again elsewhere, without a person in it.
    Capsule(replay::Make),
    /// Decides a capsule again, and says whether the same is found.
    Replay(replay::Replay),
    /// Whether people can be told of exceptions.
    Alerts(alerts::Alerts),
    /// Tokens for the API of `serve`, and its description.
    Api(api::Api),
    /// Who signs in to the console, and what they may.
    People(people::People),
    /// What came in on a day and where it stands, compared with each source's own list.
    Tally(tally::Tally),
    /// Finds and erases a customer's data.
    Person(person::Person),
    /// What their words mean in ours: one by one, or as a sheet in CSV or XLSX.
    // The alias is what it was called once.
    #[command(alias = "mappings")]
    Map(map::Map),
    /// The account of what was decided and done.
    Journal(journal::Journal),
    /// How a company works with Tallyman, written from its configuration.
    Handbook(handbook::Handbook),
    /// Makes a master key and prints it, once.
    Key(key::Key),
    /// Figures of speed.
    #[command(hide = true)]
    Bench(bench::Bench),
    /// What is said to each vendor and answered, as JSON lines, for `cargo xtask conform`.
    #[command(hide = true)]
    Exchanges(exchanges::Exchanges),
    /// Real orders travel on the twin, so that you can watch them.
    Demo(demo::Demo),
    /// Failures planted on purpose in companies made up for it, to practise on.
    Drill(drill::Drill),
    /// Worlds from seeds, at virtual time: what can go wrong does.
    Simulate(simulate::Simulate),
    /// Serves the vendors: simulators with real orders, people and faults.
    Twin(twin::Twin),
}

impl Cli {
    pub fn run(self) -> anyhow::Result<std::process::ExitCode> {
        // Those with a configuration log as it says; a log begins only once.
        match &self.command {
            Command::Serve(_)
            | Command::Worker(_)
            | Command::Check(_)
            | Command::Journey(_)
            | Command::Exceptions(_)
            | Command::Connections(_)
            | Command::Capsule(_)
            | Command::Alerts(_)
            | Command::Amend(_)
            | Command::Retry(_)
            | Command::Tally(_)
            | Command::People(_)
            | Command::Person(_)
            | Command::Map(_)
            | Command::Handbook(_)
            | Command::Journal(_) => {}
            // Trouble is what these are for: what matters of it is in their reports.
            Command::Demo(_) | Command::Drill(_) | Command::Simulate(_) | Command::Exchanges(_) | Command::Bench(_) => {
                logs::begin(&Log::default(), "error")?
            }
            _ => logs::begin(&Log::default(), "warn")?,
        }
        match self.command {
            Command::Serve(serve) => serve.run(),
            Command::Worker(worker) => worker.run(),
            Command::Check(check) => check.run(),
            Command::Journey(journey) => journey.run(),
            Command::Exceptions(exceptions) => exceptions.run(),
            Command::Amend(amend) => amend.run(),
            Command::Retry(retry) => retry.run(),
            Command::Connections(connections) => connections.run(),
            Command::Capsule(make) => make.run(),
            Command::Replay(replay) => replay.run(),
            Command::Alerts(alerts) => alerts.run(),
            Command::Api(api) => api.run(),
            Command::Tally(tally) => tally.run(),
            Command::People(people) => people.run(),
            Command::Person(person) => person.run(),
            Command::Map(map) => map.run(),
            Command::Journal(journal) => journal.run(),
            Command::Handbook(handbook) => handbook.run(),
            Command::Key(key) => key.run(),
            Command::Bench(bench) => bench.run(),
            Command::Exchanges(exchanges) => exchanges.run(),
            Command::Demo(demo) => demo.run(),
            Command::Drill(drill) => drill.run(),
            Command::Simulate(simulate) => simulate.run(),
            Command::Twin(twin) => twin.run(),
        }
    }
}
