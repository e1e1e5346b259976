//! Wake-ups between processes that share a PostgreSQL database.
//!
//! One connection listens, and tells the others when this process has committed something. The telling is not part of the
//! units' transactions: PostgreSQL lets those with a `notify` commit only one at a time. So a crash may lose a wake-up, as
//! a lost connection may; whoever waits for one has a timer too.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use tallyman_core::topic::Topics;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Config, Socket};

use crate::Changes;
use crate::real_time::pause;
use crate::signal::{Signal, Told, Whose};

/// How long to wait before a lost connection is made again.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// Commits within this time are told in one go.
const GATHER: Duration = Duration::from_millis(5);

/// Listens and tells on `channel` (an identifier, quoted) until the store is closed.
pub(super) async fn forever<T>(config: Config, tls: T, channel: String, signal: Arc<Signal>)
where
    T: MakeTlsConnect<Socket> + Clone + Send,
    T::Stream: Send + 'static,
{
    loop {
        if let Err(error) = until_lost(&config, tls.clone(), &channel, &signal).await {
            tracing::debug!(%error, "wake-ups between processes are interrupted");
        }
        pause(RECONNECT_AFTER).await;
    }
}

async fn until_lost<T>(config: &Config, tls: T, channel: &str, signal: &Arc<Signal>) -> Result<(), tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, mut connection) = config.connect(tls).await?;
    let own_session = AtomicI32::new(0);
    let listening = async {
        while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
            if let AsyncMessage::Notification(note) = message?
                && note.process_id() != own_session.load(Ordering::Relaxed)
            {
                signal.wake(&Topics::from_text(note.payload()));
            }
        }
        Ok(())
    };
    let telling = async {
        let session: i32 = client.query_one("select pg_backend_pid()", &[]).await?.try_get(0)?;
        own_session.store(session, Ordering::Relaxed);
        client.batch_execute(&format!("listen {channel}")).await?;
        // What was told while nobody listened is lost: look once.
        signal.wake(&Topics::everything());
        let mut changes = Changes::new(signal.clone());
        let (mut told, names) = (signal.units(), Told::new(signal.clone(), Whose::Ours));
        loop {
            changes.wait().await;
            // Being woken by others is not news to tell, or two processes would wake each other for ever.
            let units = signal.units();
            if units != told {
                told = units;
                pause(GATHER).await;
                let payload = names.take().to_text().replace('\'', "''");
                client.batch_execute(&format!("notify {channel}, '{payload}'")).await?;
            }
        }
    };
    tokio::select! {
        biased;
        ended = listening => ended,
        ended = telling => ended,
    }
}
