//! A web server on this machine: it keeps what it was sent, and answers as a test wants.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request, as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// The first line and the headers, as they were written.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    /// Returns the values of a header.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().skip(1);
        lines
            .filter_map(|line| line.split_once(':'))
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect()
    }

    /// Returns the path and the query.
    pub(crate) fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

type Answer = dyn Fn(&Seen, &mut dyn Write) -> io::Result<()> + Send + Sync;

/// A running server; it ends with the test's process.
pub(crate) struct HttpServer {
    port: u16,
    connections: Arc<AtomicUsize>,
    closed: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl HttpServer {
    /// Starts a server that speaks in the clear.
    pub(crate) fn start(
        answer: impl Fn(&Seen, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::listen(None, Arc::new(answer))
    }

    /// Starts a server that speaks TLS, as `localhost` and `127.0.0.1`.
    pub(crate) fn start_tls(
        answer: impl Fn(&Seen, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::listen(Some(tls().0.clone()), Arc::new(answer))
    }

    /// Starts a server that answers all with one text.
    pub(crate) fn hello() -> Self {
        Self::start(|_, out| reply(out, "text/plain", "hello"))
    }

    fn listen(tls: Option<Arc<ServerConfig>>, answer: Arc<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
            closed: Arc::default(),
            seen: Arc::default(),
        };
        let (connections, closed, seen) = (
            server.connections.clone(),
            server.closed.clone(),
            server.seen.clone(),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::SeqCst);
                let (tls, answer, closed, seen) =
                    (tls.clone(), answer.clone(), closed.clone(), seen.clone());
                std::thread::spawn(move || {
                    // A client that goes away is a test's own business.
                    serve(stream, tls, &answer, &seen).unwrap_or_default();
                    closed.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Returns how many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Returns how many connections are over.
    pub(crate) fn closed(&self) -> usize {
        self.closed.load(Ordering::SeqCst)
    }

    /// Returns all requests.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// Writes an answer with a body.
pub(crate) fn reply(out: &mut dyn Write, kind: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    write!(
        out,
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Returns the certificate of the servers that speak TLS, in PEM form.
pub(crate) fn root() -> &'static str {
    &tls().1
}

fn tls() -> &'static (Arc<ServerConfig>, String) {
    static TLS: OnceLock<(Arc<ServerConfig>, String)> = OnceLock::new();
    TLS.get_or_init(|| {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let pem = made.cert.pem();
        let key = PrivateKeyDer::from_pem_slice(made.signing_key.serialize_pem().as_bytes());
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.unwrap())
            .unwrap();
        (Arc::new(config), pem)
    })
}

fn serve(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    answer: &Arc<Answer>,
    seen: &Mutex<Vec<Seen>>,
) -> io::Result<()> {
    match tls {
        None => exchange(stream, answer, seen),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            let mut stream = StreamOwned::new(connection, stream);
            exchange(&mut stream, answer, seen)?;
            stream.conn.send_close_notify();
            stream.flush()
        }
    }
}

fn exchange(
    stream: impl Read + Write,
    answer: &Arc<Answer>,
    seen: &Mutex<Vec<Seen>>,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut request = Seen::default();
    while !request.head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut request.head)? == 0 {
            return Ok(());
        }
    }
    let length = request
        .header("content-length")
        .first()
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    if !request.header("transfer-encoding").is_empty() {
        while !body.ends_with(b"0\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            body.push(byte[0]);
        }
    }
    request.body = String::from_utf8_lossy(&body).into_owned();
    seen.lock().unwrap().push(request.clone());
    let stream = stream.get_mut();
    answer(&request, stream)?;
    stream.flush()
}
