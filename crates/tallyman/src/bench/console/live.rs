//! What a page that is kept current costs: many open streams over sockets on loopback, and what the process holds more for each.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use tokio::net::{TcpListener, TcpStream};

use super::person::Visit;
use crate::bench::process;

/// Pages that are open; below what one process serves.
const CLIENTS: u32 = 400;
const ANSWER_BYTES_MAX: usize = 4_096;

/// Thousands of bytes of memory for each page that listens; what the kernel holds for its socket is not among them.
pub async fn kb_per_client(visit: Visit) -> Result<f64> {
    let request = format!(
        "GET /live?topics=cards,journeys,feeds HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\r\n",
        visit.who(0).cookie
    );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    // As the program serves it: a bare router would be built again for each connection.
    let router = visit.router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    // The first wakes what all share.
    let mut open = vec![listen(address, request.as_bytes()).await?];
    let before = process::resident_mb()?;
    for _ in 0..CLIENTS {
        open.push(listen(address, request.as_bytes()).await?);
    }
    let after = process::resident_mb()?;
    drop(open);
    serving.abort();
    Ok((after - before) * 1_000.0 / f64::from(CLIENTS))
}

/// A stream that has answered and said that it is there.
async fn listen(address: SocketAddr, request: &[u8]) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.writable().await?;
    ensure!(stream.try_write(request)? == request.len(), "the request was not taken whole");
    let mut answer = Vec::new();
    while !(answer.ends_with(b"\n\n") || answer.ends_with(b"\n\n\r\n")) {
        stream.readable().await?;
        let mut part = [0; 512];
        match stream.try_read(&mut part) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&part[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error.into()),
        }
        ensure!(answer.len() < ANSWER_BYTES_MAX, "a stream says too much");
    }
    ensure!(
        answer.starts_with(b"HTTP/1.1 200"),
        "a stream was refused: {}",
        String::from_utf8_lossy(&answer)
    );
    Ok(stream)
}
