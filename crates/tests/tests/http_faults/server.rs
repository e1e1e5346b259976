//! A server of plain sockets that does wrong what a script tells it to, and keeps every byte that reached it.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What is done with a connection, one after the other; at the end it is closed.
#[derive(Debug, Clone)]
pub enum Step {
    /// Read to the end of the next request's head.
    Head,
    /// Read so many bytes beyond.
    Bytes(usize),
    /// Read the next request to the end of its body.
    Request,
    Answer(Vec<u8>),
    /// One byte at a time.
    Drip(Vec<u8>),
    /// Write zeros for as long as they are taken.
    Flood,
    /// Read whatever comes until the other side goes away.
    Hang,
    /// Close so that the other side sees a broken connection and not an end.
    Reset,
}

pub fn answer(text: impl Into<String>) -> Step {
    Step::Answer(text.into().into_bytes())
}

pub struct Server {
    pub address: String,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
    ended: watch::Receiver<usize>,
}

impl Server {
    /// Plays the first script to the first connection, and so on; the last to all that follow.
    pub async fn playing(scripts: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let received: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let (over, ended) = watch::channel(0);
        let (over, kept) = (Arc::new(over), received.clone());
        tokio::spawn(async move {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let script = scripts[number.min(scripts.len() - 1)].clone();
                kept.lock().unwrap().push(Vec::new());
                let mut connection = Connection {
                    stream,
                    number,
                    kept: kept.clone(),
                    unread: Vec::new(),
                };
                let over = over.clone();
                tokio::spawn(async move {
                    // An error is the other side having gone away, which ends the script too.
                    let _ = connection.play(script).await;
                    drop(connection);
                    over.send_modify(|ended| *ended += 1);
                });
            }
        });
        Self {
            address,
            received,
            ended,
        }
    }

    pub async fn with(script: Vec<Step>) -> Self {
        Self::playing(vec![script]).await
    }

    /// How often these bytes came, over all connections.
    pub fn received(&self, bytes: &str) -> usize {
        let received = self.received.lock().unwrap();
        let count = |got: &Vec<u8>| got.windows(bytes.len()).filter(|window| *window == bytes.as_bytes()).count();
        received.iter().map(count).sum()
    }

    pub fn connections(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    /// Waits until so many connections were closed.
    pub async fn ended(&self, count: usize) {
        self.ended.clone().wait_for(|ended| *ended >= count).await.unwrap();
    }
}

struct Connection {
    stream: TcpStream,
    number: usize,
    kept: Arc<Mutex<Vec<Vec<u8>>>>,
    unread: Vec<u8>,
}

impl Connection {
    async fn play(&mut self, script: Vec<Step>) -> std::io::Result<()> {
        for step in script {
            match step {
                Step::Head => drop(self.head().await?),
                Step::Bytes(count) => self.bytes(count).await?,
                Step::Request => {
                    let head = self.head().await?.to_ascii_lowercase();
                    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
                    self.bytes(length.map_or(0, |length| length.parse().unwrap())).await?;
                }
                Step::Answer(bytes) => self.stream.write_all(&bytes).await?,
                Step::Drip(bytes) => {
                    for byte in bytes {
                        self.stream.write_all(&[byte]).await?;
                        self.stream.flush().await?;
                        tokio::task::yield_now().await;
                    }
                }
                Step::Flood => loop {
                    self.stream.write_all(&[0; 65_536]).await?;
                },
                Step::Hang => while self.more().await? {},
                Step::Reset => self.stream.set_zero_linger()?,
            }
        }
        Ok(())
    }

    /// The head of the next request.
    async fn head(&mut self) -> std::io::Result<String> {
        loop {
            if let Some(end) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                let head: Vec<u8> = self.unread.drain(..end + 4).collect();
                return Ok(String::from_utf8_lossy(&head).into_owned());
            }
            self.need().await?;
        }
    }

    async fn bytes(&mut self, count: usize) -> std::io::Result<()> {
        while self.unread.len() < count {
            self.need().await?;
        }
        self.unread.drain(..count);
        Ok(())
    }

    async fn need(&mut self) -> std::io::Result<()> {
        if self.more().await? {
            Ok(())
        } else {
            Err(std::io::ErrorKind::UnexpectedEof.into())
        }
    }

    /// Reads what has come; false at the end.
    async fn more(&mut self) -> std::io::Result<bool> {
        let mut buffer = [0; 4096];
        let count = self.stream.read(&mut buffer).await?;
        self.kept.lock().unwrap()[self.number].extend_from_slice(&buffer[..count]);
        self.unread.extend_from_slice(&buffer[..count]);
        Ok(count > 0)
    }
}
