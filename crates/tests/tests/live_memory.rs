//! What a page that is kept current costs: its stream with its connection, in memory. Alone in its process, whose memory is measured.

#![cfg(target_os = "linux")]

use std::sync::Arc;

use tallyman_tests::doorman::ByToken;
use tallyman_tests::morning::{ALL, access, morning, running};
use tallyman_tests::site::Site;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CLIENTS: usize = 400;
/// With the client's end of each connection, which is a socket and nothing more.
const BYTES_MAX: u64 = 50 * 1024;

/// Bytes of this process that are in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says it");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    let kilobytes: u64 = line
        .split_whitespace()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .expect("a number");
    kilobytes * 1024
}

async fn listen(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let request = format!("GET /live?topics=cards,outcomes HTTP/1.1\r\nhost: {address}\r\ncookie: tallyman={ALL}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("asked");
    let mut said = Vec::new();
    // The head, and the first beat behind it.
    while !said.ends_with(b"\n\n\r\n") {
        let mut part = [0; 2048];
        let read = stream.read(&mut part).await.expect("answered");
        assert!(read > 0, "{}", String::from_utf8_lossy(&said));
        said.extend_from_slice(&part[..read]);
    }
    assert!(said.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&said));
    stream
}

#[test]
fn a_live_page_costs_less_than_fifty_kilobytes() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let morning = morning().await;
        tokio::time::resume();
        let running = running(&morning.scene, "console").await;
        let doorman = Arc::new(ByToken(access()));
        let site = Site::of(tallyman_web::with_pages(running, Arc::new(access()), doorman)).await;
        let address = site.at("").replace("http://", "");
        let mut open = Vec::new();
        // What the first ones bring about once is not theirs.
        for _ in 0..20 {
            open.push(listen(&address).await);
        }
        let before = resident();
        for _ in 0..CLIENTS {
            open.push(listen(&address).await);
        }
        let each = resident().saturating_sub(before) / CLIENTS as u64;
        println!("{each} bytes for a live page, its client's end of the connection included");
        assert!(each < BYTES_MAX, "{each} bytes for each of {CLIENTS} live pages");
        drop(open);
    });
}
