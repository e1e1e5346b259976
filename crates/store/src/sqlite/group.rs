//! The writer's drain loop: many units, one commit.
//!
//! The price of a durable commit is one flush to disk, whatever it carries. So every unit that waits at this moment goes
//! into one `begin immediate … commit`. One that fails or panics is rolled back alone and the rest go on: the group is then run
//! again with each unit inside a savepoint of its own, which is dear and so is not done before. A commit that fails, fails every unit of its group, because none of them was written.
//!
//! There is no executor here. Statements on SQLite never wait, so one poll completes a unit.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tallyman_core::topic::Topics;
use tokio::sync::oneshot;

use super::session::{Access, Session};
use crate::signal::Signal;
use crate::{Tx, Unit, UnitError};

/// A unit on its way through the queue, with the caller who waits for it.
pub(super) trait Job: Send {
    /// Runs the unit and keeps its outcome for [`Job::answer`].
    fn run(&mut self, session: &mut Session, access: Access) -> Ran;

    /// Replaces the outcome: what the unit wrote did not last.
    fn fail(&mut self, error: UnitError);

    /// Tells the caller, if it is still there.
    fn answer(self: Box<Self>);
}

/// How a unit went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ran {
    Changed(Topics),
    Unchanged,
    Failed,
}

/// A unit and the caller who waits for it.
struct Request<U: Unit> {
    unit: U,
    outcome: Result<U::Output, UnitError>,
    reply: oneshot::Sender<Result<U::Output, UnitError>>,
}

/// Where the caller hears what became of the unit.
pub(super) type Answer<U> = oneshot::Receiver<Result<<U as Unit>::Output, UnitError>>;

/// A unit ready for the queue, and where its caller hears of it.
pub(super) fn request<U: Unit>(unit: U) -> (Box<dyn Job>, Answer<U>) {
    let (reply, answer) = oneshot::channel();
    (
        Box::new(Request {
            unit,
            outcome: Err(UnitError::Closed),
            reply,
        }),
        answer,
    )
}

impl<U: Unit> Job for Request<U> {
    fn run(&mut self, session: &mut Session, access: Access) -> Ran {
        let (outcome, written) = run_in_time(&self.unit, session, access);
        self.outcome = outcome;
        match (&self.outcome, written) {
            (Err(_), _) => Ran::Failed,
            (Ok(_), Some(touched)) => Ran::Changed(touched),
            (Ok(_), None) => Ran::Unchanged,
        }
    }

    fn fail(&mut self, error: UnitError) {
        self.outcome = Err(error);
    }

    fn answer(self: Box<Self>) {
        // A caller that went away is no reason to do anything else: the unit is committed or it is not.
        let _ = self.reply.send(self.outcome);
    }
}

/// Runs a unit with the clock on.
fn run_in_time<U: Unit>(unit: &U, session: &mut Session, access: Access) -> (Result<U::Output, UnitError>, Option<Topics>) {
    session.start_clock();
    let (outcome, written) = run_once(unit, session, access);
    let late = session.out_of_time();
    session.stop_clock();
    match outcome {
        // What a unit says that ran out of time is only how it noticed.
        Err(_) if late => {
            let (unit, limit_ms) = (U::NAME, session.limit_ms());
            (Err(UnitError::TimedOut { unit, limit_ms }), written)
        }
        outcome => (outcome, written),
    }
}

/// Runs a unit with a single poll, and says what it changed if it changed rows.
fn run_once<U: Unit>(unit: &U, session: &mut Session, access: Access) -> (Result<U::Output, UnitError>, Option<Topics>) {
    let mut tx = Tx::sqlite(session, access);
    let polled = catch_unwind(AssertUnwindSafe(|| {
        pin!(unit.run(&mut tx)).poll(&mut Context::from_waker(Waker::noop()))
    }));
    let outcome = match polled {
        Ok(Poll::Ready(Ok(output))) => tx.usable().map(|()| output),
        Ok(Poll::Ready(Err(error))) => Err(error),
        Ok(Poll::Pending) => Err(UnitError::Misused {
            what: "the unit waited for something else than the store",
            statement: U::NAME,
        }),
        Err(panic) => Err(UnitError::Panicked {
            unit: U::NAME,
            message: words(&*panic),
        }),
    };
    (outcome, tx.written())
}

/// What a panic said.
pub(crate) fn words(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().map(ToString::to_string);
    said.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a word".to_owned())
}

/// Commits all of `waiting` together and answers their callers. Leaves `waiting` empty.
pub(super) fn drain(session: &mut Session, waiting: &mut Vec<Box<dyn Job>>, signal: &Signal) {
    while !waiting.is_empty() {
        match commit_together(session, waiting) {
            Ok(written) => {
                signal.committed(written.units, &written.touched);
                waiting.drain(..).for_each(Job::answer);
            }
            Err(Stopped::Commit(error)) => {
                for mut job in waiting.drain(..) {
                    job.fail(error.clone());
                    job.answer();
                }
            }
            // Its neighbours were rolled back with it through no fault of theirs: they run again without it.
            Err(Stopped::At(culprit)) => waiting.remove(culprit).answer(),
        }
    }
}

/// Why a group was not committed.
enum Stopped {
    /// The group's own `begin` or `commit` failed.
    Commit(UnitError),
    /// The unit at this place took the whole transaction down, as running out of time or disk does.
    At(usize),
}

/// What a group has written.
#[derive(Default)]
struct Written {
    /// Units that changed something.
    units: u64,
    touched: Topics,
}

/// Commits all of `waiting`, or nothing. Units hardly ever fail, so they are first run without savepoints; if one does, everything
/// is rolled back and run again, each in its own, so that the failed one is rolled back alone.
fn commit_together(session: &mut Session, waiting: &mut [Box<dyn Job>]) -> Result<Written, Stopped> {
    if let Some(written) = run_all(session, waiting, Apart::No)? {
        return commit(session, written);
    }
    abandon(session);
    // Alone in its group it harms nobody: there is nothing else to keep, and its outcome is known.
    if waiting.len() == 1 {
        return Ok(Written::default());
    }
    let written = run_all(session, waiting, Apart::Savepoints)?;
    commit(session, written.unwrap_or_default())
}

fn commit(session: &Session, written: Written) -> Result<Written, Stopped> {
    if let Err(error) = session.control("commit") {
        abandon(session);
        return Err(Stopped::Commit(UnitError::database("commit", error)));
    }
    Ok(written)
}

/// How units of a group are kept apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Apart {
    /// Not at all: one that fails takes all with it.
    No,
    Savepoints,
}

/// Runs all units in a transaction that it begins and leaves open, and says what they have written; nothing, if they are not kept
/// apart and one has failed.
fn run_all(session: &mut Session, waiting: &mut [Box<dyn Job>], apart: Apart) -> Result<Option<Written>, Stopped> {
    let failed = |doing| move |error| Stopped::Commit(UnitError::database(doing, error));
    session.control("begin immediate").map_err(failed("begin a transaction"))?;
    let mut written = Written::default();
    for (place, job) in waiting.iter_mut().enumerate() {
        let ran = match apart {
            Apart::No => Ok(job.run(session, Access::Write)),
            Apart::Savepoints => run_in_savepoint(session, &mut **job),
        };
        match ran {
            Ok(Ran::Failed) if apart == Apart::No && !session.transaction_gone() => return Ok(None),
            Ok(Ran::Changed(touched)) => {
                written.units += 1;
                written.touched.join(&touched);
            }
            Ok(Ran::Unchanged | Ran::Failed) => {}
            Err(error) if session.transaction_gone() => {
                job.fail(error);
                return Err(Stopped::At(place));
            }
            Err(error) => {
                abandon(session);
                return Err(Stopped::Commit(error));
            }
        }
        if session.transaction_gone() {
            return Err(Stopped::At(place));
        }
    }
    Ok(Some(written))
}

fn run_in_savepoint(session: &mut Session, job: &mut dyn Job) -> Result<Ran, UnitError> {
    session
        .control("savepoint unit")
        .map_err(|error| UnitError::database("set a savepoint", error))?;
    let ran = job.run(session, Access::Write);
    if session.transaction_gone() {
        return Ok(ran);
    }
    if ran == Ran::Failed {
        session
            .control("rollback to unit")
            .map_err(|error| UnitError::database("roll back to a savepoint", error))?;
    }
    session
        .control("release unit")
        .map_err(|error| UnitError::database("release a savepoint", error))?;
    Ok(ran)
}

/// Runs a unit that only reads, on one consistent moment.
pub(super) fn read<U: Unit>(session: &mut Session, unit: &U) -> Result<U::Output, UnitError> {
    let begun = session.control("begin");
    begun.map_err(|error| UnitError::database("begin a transaction", error))?;
    let (outcome, _) = run_in_time(unit, session, Access::Read);
    abandon(session);
    outcome
}

/// Leaves the transaction without keeping anything of it.
fn abandon(session: &Session) {
    if !session.transaction_gone()
        && let Err(error) = session.control("rollback")
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rusqlite::Connection;

    use super::*;
    use crate::params;

    /// A number to write, or a way to take for ever.
    #[derive(Clone, Copy)]
    enum Work {
        Add(i64),
        SelectForEver,
        InsertForEver,
        AskForEver,
    }

    const ADD: &str = "insert into number (id) values ($1)";
    const SELECT_FOR_EVER: &str = "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n";
    const INSERT_FOR_EVER: &str =
        "insert into number (id) with recursive n (i) as (select 1000 union all select i + 1 from n) select i from n";

    impl Unit for Work {
        type Output = ();
        const NAME: &'static str = "work";

        async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
            match self {
                Work::Add(number) => tx.execute(ADD, params![number]).await.map(drop),
                Work::SelectForEver => tx.query(SELECT_FOR_EVER, params![]).await.map(drop),
                Work::InsertForEver => tx.execute(INSERT_FOR_EVER, params![]).await.map(drop),
                Work::AskForEver => loop {
                    tx.query("select 1", params![]).await?;
                },
            }
        }
    }

    #[test]
    fn a_unit_that_takes_for_ever_is_stopped_and_its_neighbours_are_written() {
        let mut session = Session::new(Connection::open_in_memory().unwrap(), Some(Duration::from_millis(50))).unwrap();
        session
            .connection()
            .execute_batch("create table number (id integer primary key)")
            .unwrap();
        for endless in [Work::SelectForEver, Work::InsertForEver, Work::AskForEver] {
            let units = [Work::Add(1), endless, Work::Add(2)];
            let (mut waiting, answers): (Vec<_>, Vec<_>) = units.into_iter().map(request).unzip();
            let signal = Signal::default();
            drain(&mut session, &mut waiting, &signal);
            let answers: Vec<_> = answers.into_iter().map(|answer| answer.blocking_recv().unwrap()).collect();
            assert!(
                matches!(&answers[..], [Ok(()), Err(UnitError::TimedOut { limit_ms: 50, .. }), Ok(())]),
                "{answers:?}"
            );
            assert_eq!((signal.units(), signal.groups()), (2, 1));
            let written: i64 = session
                .connection()
                .query_row("select count(*) from number", [], |row| row.get(0))
                .unwrap();
            assert_eq!(written, 2);
            session.connection().execute_batch("delete from number").unwrap();
        }
    }
}
