//! Guests: a person's command that writes to a file beside the process that works with it.

use tallyman_store::{Location, OpenError, Store, Tx, Unit, UnitError, params};
use tempfile::TempDir;

use crate::kit::path_in;

struct Note(String);

impl Unit for Note {
    type Output = ();
    const NAME: &'static str = "note";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        tx.execute("insert into meta (name, value) values ($1, '')", params![self.0])
            .await
            .map(drop)
    }
}

struct Notes;

impl Unit for Notes {
    type Output = i64;
    const NAME: &'static str = "notes";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, UnitError> {
        let count = "select count(*) from meta where name like 'host %' or name like 'guest %'";
        tx.query_one(count, params![]).await?.get(0)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_and_its_host_write_in_turn_and_lose_nothing() {
    let folder = TempDir::new().unwrap();
    let location = Location::File(path_in(&folder));
    let host = Store::open(&location).await.unwrap();
    let guest = Store::open_beside(&location).await.unwrap();
    let many = |store: Store, name: &'static str| async move {
        for number in 0..50 {
            store.write(Note(format!("{name} {number}"))).await.unwrap();
        }
    };
    tokio::join!(many(host.clone(), "host"), many(guest.clone(), "guest"));
    assert_eq!(host.read(Notes).await.unwrap(), 100, "each sees what the other wrote");
    assert_eq!(guest.read(Notes).await.unwrap(), 100);
    let error = Store::open(&location).await.unwrap_err();
    assert!(
        matches!(error, OpenError::InUse { .. }),
        "a guest keeps no worker's place: {error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_to_an_empty_house_is_no_guest() {
    let folder = TempDir::new().unwrap();
    let location = Location::File(path_in(&folder));
    let alone = Store::open_beside(&location).await.unwrap();
    alone.write(Note("host 1".into())).await.unwrap();
    assert!(Store::open(&location).await.is_err(), "it works with the file itself");
    drop(alone);
    let host = Store::open(&location).await.unwrap();
    assert_eq!(host.read(Notes).await.unwrap(), 1);
}
