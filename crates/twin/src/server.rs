//! The twin on a real socket: HTTP/1.1 with keep-alive.
//!
//! A loss is a connection that closes without an answer. During an outage the address still accepts, since the twin's one port
//! serves all vendors, and closes before it has sent a byte: a caller that cannot tell this from a lost answer is right not to.

use std::future::Future;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::call::Lost;
use crate::wire::Twin;

/// Larger bodies are answered 413.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Serves until `shutdown` is done; connections that are open then are dropped.
pub async fn serve(twin: Twin, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => return,
            accepted = listener.accept() => {
                // A failed accept concerns that one connection (it was reset, or no file descriptor was free).
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(twin.clone(), stream));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(twin: Twin, stream: TcpStream) {
    // Answers are small: waiting to fill a packet would only add delay. A socket that refuses is as good as one that obeys.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(&twin, request));
    // An error here is a caller that went away, or a loss of ours: either way the connection closes.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(twin: &Twin, request: http::Request<Incoming>) -> Result<http::Response<Full<Bytes>>, Lost> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        let mut refusal = http::Response::new(Full::default());
        *refusal.status_mut() = http::StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(refusal);
    };
    let answer = twin.call(http::Request::from_parts(head, body.to_bytes())).await?;
    Ok(answer.map(Full::new))
}
