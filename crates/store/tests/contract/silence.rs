//! PostgreSQL behind a wire that goes silent: every wait ends, and what is not known is said not to be.
//!
//! The kernel's own time limits do not help here, since each byte that is sent is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use tallyman_store::{Location, Server, Store, UnitError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_postgres::config::Host;

use crate::kit::{TABLES, fresh_schema, ids, put};

/// What the wire does with the next commit.
#[derive(Clone, Copy, PartialEq)]
#[repr(u8)]
enum Loses {
    Nothing,
    TheCommit,
    ItsAnswer,
}

/// A wire to the server that can lose a commit or its answer, and is silent from then on.
struct Wire {
    loses: Arc<AtomicU8>,
    store: Store,
}

impl Wire {
    async fn to(server: Server) -> Wire {
        let config: tokio_postgres::Config = server.url.parse().unwrap();
        let Host::Tcp(host) = &config.get_hosts()[0] else {
            panic!("the tests' server is reached over TCP");
        };
        let (from, to) = (
            format!("{host}:{}", config.get_ports()[0]),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let url = server.url.replace(&from, &to.local_addr().unwrap().to_string());
        assert_ne!(url, server.url);
        let loses = Arc::new(AtomicU8::new(Loses::Nothing as u8));
        let shared = loses.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = to.accept().await {
                let far = TcpStream::connect(&from).await.unwrap();
                tokio::spawn(carry(near, far, shared.clone()));
            }
        });
        let server = Server {
            url,
            answer_max: Duration::from_millis(500),
            ..server
        };
        let store = Store::open_with(&Location::Postgres(server), TABLES).await.unwrap();
        Wire { loses, store }
    }

    fn lose(&self, what: Loses) {
        self.loses.store(what as u8, Ordering::SeqCst);
    }
}

async fn carry(near: TcpStream, far: TcpStream, loses: Arc<AtomicU8>) {
    let silent = AtomicBool::new(false);
    let ((mut from_near, mut to_near), (mut from_far, mut to_far)) = (near.into_split(), far.into_split());
    let there = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_near.read(&mut bytes).await {
            let loses = loses.load(Ordering::SeqCst);
            if loses != Loses::Nothing as u8 && bytes[..read].windows(6).any(|word| word == b"COMMIT") {
                silent.store(true, Ordering::SeqCst);
                if loses == Loses::ItsAnswer as u8 && to_far.write_all(&bytes[..read]).await.is_err() {
                    return;
                }
            }
            if !silent.load(Ordering::SeqCst) && to_far.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    };
    let back = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_far.read(&mut bytes).await {
            if !silent.load(Ordering::SeqCst) && to_near.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        biased;
        () = there => {}
        () = back => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_without_an_answer_is_neither_done_nor_undone() {
    let Some(server) = fresh_schema("a_commit_without_an_answer").await else {
        return;
    };
    let wire = Wire::to(server).await;
    wire.store.write(put(1, "before")).await.unwrap();
    for (id, loses, written) in [(2, Loses::TheCommit, vec![1]), (3, Loses::ItsAnswer, vec![1, 3])] {
        wire.lose(loses);
        let outcome = wire.store.write(put(id, "lost")).await;
        assert!(matches!(outcome, Err(UnitError::Uncertain { .. })), "{outcome:?}");
        wire.lose(Loses::Nothing);
        // The silent connection is given up, so the next unit has one that works.
        assert_eq!(ids(&wire.store).await, written);
    }
    wire.store.write(put(2, "again")).await.unwrap();
    assert_eq!(ids(&wire.store).await, [1, 2, 3]);
}
