//! A web server of the attack's own on this machine: it counts who connects, and keeps what it is sent.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::act::Answers;

/// Between two drops.
const DROP: Duration = Duration::from_millis(20);
/// How much of a request is kept.
const MOST: usize = 64 << 10;

/// A running server; it ends when it is dropped.
pub(super) struct Web {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepts: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    connections: AtomicUsize,
    is_over: AtomicBool,
    sent: Mutex<Vec<u8>>,
}

impl Web {
    /// Starts a server that answers each connection once.
    pub(super) fn start(answers: Answers) -> Result<Self, String> {
        let started = || -> io::Result<(TcpListener, SocketAddr)> {
            let listener = TcpListener::bind(("127.0.0.1", 0))?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) =
            started().map_err(|error| format!("no server can be started here: {error}"))?;
        let shared = Arc::new(Shared::default());
        let accepts = std::thread::spawn({
            let shared = shared.clone();
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    if shared.is_over() {
                        return;
                    }
                    shared.connections.fetch_add(1, Ordering::SeqCst);
                    let shared = shared.clone();
                    // A client that goes away is what most attacks here are about.
                    std::thread::spawn(move || drop(shared.serve(stream, answers)));
                }
            }
        });
        Ok(Self {
            address,
            shared,
            accepts: Some(accepts),
        })
    }

    /// Writes the server's place into a text that names it `$HERE`, or its port `$PORT`.
    pub(super) fn placed(&self, text: &str) -> String {
        text.replace("$HERE", &self.address.to_string())
            .replace("$PORT", &self.address.port().to_string())
    }

    /// Returns how many connections there were.
    pub(super) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Tells whether it was sent these words.
    pub(super) fn was_sent(&self, words: &str) -> bool {
        let sent = self
            .shared
            .sent
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&sent).contains(words)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // It waits for the next connection, and sees there that it is over.
        if TcpStream::connect(self.address).is_ok()
            && let Some(accepts) = self.accepts.take()
        {
            drop(accepts.join());
        }
    }
}

impl Shared {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    fn keep(&self, bytes: &[u8]) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.extend_from_slice(bytes);
    }

    fn serve(&self, mut stream: TcpStream, answers: Answers) -> io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        self.keep(&head(&mut stream)?);
        match answers {
            Answers::Hello => {
                // What comes after the head is kept as well: a body may come later than the head.
                stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello")?;
                stream.shutdown(Shutdown::Write)?;
                let mut body = Vec::new();
                let read = stream.take(MOST as u64).read_to_end(&mut body);
                self.keep(&body);
                read.map(drop)
            }
            Answers::Redirect => stream.write_all(
                b"HTTP/1.1 302 Found\r\nlocation: /secret\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            ),
            Answers::EndlessBody => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                self.repeat(&mut stream, &[b'x'; 1 << 14], Duration::ZERO)
            }
            Answers::EndlessHead => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
                self.repeat(&mut stream, b"x-more: and more and more\r\n", Duration::ZERO)
            }
            Answers::Drip => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                self.repeat(&mut stream, b".", DROP)
            }
        }
    }

    /// Writes the same, until somebody ends it.
    fn repeat(&self, stream: &mut TcpStream, bytes: &[u8], pause: Duration) -> io::Result<()> {
        while !self.is_over() {
            stream.write_all(bytes)?;
            std::thread::sleep(pause);
        }
        Ok(())
    }
}

/// Reads up to the end of a request's head, and whatever came with it.
fn head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut part = [0; 4096];
    while head.len() < MOST && !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut part)? {
            0 => break,
            read => head.extend_from_slice(part.get(..read).unwrap_or_default()),
        }
    }
    Ok(head)
}
