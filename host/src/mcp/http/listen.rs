//! The server: connections from the first to the last, and an end that loses nothing.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::door::Door;
use super::gate::Gate;
use super::oauth::Oauth;
use super::quiet::Quiet;
use super::reply::hold;
use super::strangers::{Stranger, Strangers};
use super::subject::Common;
use super::tokens::Tokens;
use super::{HttpError, tls};
use crate::config::Settings;
use crate::flow::Host;
use crate::mcp::McpError;
use crate::mcp::caller::Caller;
use crate::mcp::handler::Handler;
use crate::mcp::open::Open;
use crate::mcp::serve::{AbortOnDrop, stop_on_signal};
use crate::model::ExecutionId;

/// Connections that may be open at once; each is a descriptor of the process.
const CONNECTIONS: usize = 512;
/// How long a client may take for the head of a request: who is slower keeps a connection from others.
const HEAD: Duration = Duration::from_secs(15);
/// How long calls may go on once the process is asked to end.
const LAST_CALLS: Duration = Duration::from_secs(10);
/// How long answers may take to be read once their calls are done.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// How often executions are looked at for being done.
const SWEEP: Duration = Duration::from_secs(1);

/// Where to listen, and to whom.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Where.
    pub address: SocketAddr,
    /// Who may call; none lets those whom `oauth` of `mcp.yaml` knows, or else everybody on this machine.
    pub tokens: Option<Tokens>,
    /// The files of the certificate and of its key, where the server itself speaks TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
}

/// An address that is listened on.
pub struct Listening {
    listener: StdListener,
    address: SocketAddr,
    door: Door,
    tls: Option<TlsAcceptor>,
}

impl Listening {
    /// Begins to listen. Before the process confines itself: afterwards it cannot.
    pub fn open(opening: Opening, settings: &Settings) -> Result<Self, HttpError> {
        let Opening {
            address,
            tokens,
            tls,
        } = opening;
        let mcp = &settings.mcp;
        let door = match (tokens, &mcp.oauth) {
            (Some(_), Some(_)) => return Err(HttpError::Both),
            (Some(tokens), None) => Door::Tokens(tokens),
            (None, Some(oauth)) => {
                let oauth = Oauth::open(oauth, mcp, &settings.directory)?;
                Door::Oauth(Box::new(oauth))
            }
            (None, None) => Door::Open,
        };
        if !address.ip().is_loopback() {
            if door.is_open() {
                return Err(HttpError::Open { address });
            }
            if tls.is_none() && !mcp.behind_proxy {
                return Err(HttpError::Clear { address });
            }
        }
        let tls = tls.map(|(certificate, key)| tls::acceptor(&certificate, &key));
        let tls = tls.transpose()?;
        let bound = StdListener::bind(address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        });
        let (listener, address) = bound.map_err(|source| HttpError::Bind { address, source })?;
        Ok(Self {
            listener,
            address,
            door,
            tls,
        })
    }

    /// Returns where clients reach it.
    pub fn url(&self) -> String {
        format!("{}://{}/mcp", self.scheme(), self.address)
    }

    /// Returns the origins that only this server's own pages could have, and it has none: clients on this machine name them.
    fn origins(&self) -> Vec<String> {
        if !self.address.ip().is_loopback() {
            return Vec::new();
        }
        let (scheme, port) = (self.scheme(), self.address.port());
        let origin = |name| format!("{scheme}://{name}:{port}");
        ["localhost", "127.0.0.1", "[::1]"].map(origin).into()
    }

    const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Returns who vouches for those who call, where an authorization server does.
    pub fn issuer(&self) -> Option<&str> {
        self.oauth().map(Oauth::issuer)
    }

    /// Returns the port that the keys of an authorization server are fetched from.
    pub fn keys_port(&self) -> Option<u16> {
        self.oauth().and_then(Oauth::port)
    }

    /// Returns the file that they are read from.
    pub fn keys_file(&self) -> Option<&Path> {
        self.oauth().and_then(Oauth::file)
    }

    const fn oauth(&self) -> Option<&Oauth> {
        match &self.door {
            Door::Oauth(oauth) => Some(oauth),
            Door::Open | Door::Tokens(_) => None,
        }
    }

    /// Returns the address, with the port that the system chose.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process is asked to stop; then ends the calls, and completes the executions.
    pub async fn serve(self, host: Arc<Host>) -> Result<(), McpError> {
        let inside = |error: std::io::Error| McpError::Inside {
            reason: error.to_string(),
        };
        let origins = self.origins();
        let listener = TcpListener::from_std(self.listener).map_err(inside)?;
        let stop = CancellationToken::new();
        let _stopper = AbortOnDrop(tokio::spawn(stop_on_signal(stop.clone())));
        let streams = CancellationToken::new();
        let gate = Arc::new(gate(&host, self.door, origins, streams.clone())?);
        let sweeper = AbortOnDrop(tokio::spawn(sweep(gate.clone())));
        let connections = GracefulShutdown::new();
        accept(&listener, self.tls.as_ref(), &gate, &connections, &stop).await;

        gate.draining.store(true, Ordering::Relaxed);
        drop(listener);
        drop(sweeper);
        let callers: Vec<_> = gate.all().iter().flat_map(|one| one.all()).collect();
        let until = tokio::time::Instant::now() + LAST_CALLS;
        for caller in &callers {
            // Nobody comes back with an answer any more.
            gate.common.handler.stop_waiting_of(caller);
            if !caller.idle(until - tokio::time::Instant::now()).await {
                tracing::warn!(execution = %caller.execution(), "a call did not end, and what it changes is not kept");
            }
            // Its call is over; that is written down.
            let written = until.max(tokio::time::Instant::now() + LAST_ANSWERS);
            gate.common
                .handler
                .tasks_of(caller, written.into_std())
                .await;
            gate.common.handler.end_of(caller).await;
        }
        // Answers go out before streams without an end are cut.
        let answered = tokio::time::timeout(LAST_ANSWERS, async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            streams.cancel();
            connections.shutdown().await;
        });
        if answered.await.is_err() {
            tracing::debug!("a client did not read its last answer");
        }
        for caller in &callers {
            gate.end(caller).await;
        }
        Ok(())
    }
}

fn gate(
    host: &Arc<Host>,
    door: Door,
    own_origins: Vec<String>,
    streams: CancellationToken,
) -> Result<Gate, McpError> {
    let settings = host.settings().mcp.clone();
    // No request is its: each has a caller of its own.
    let nobody = Caller::new(host.clone(), "http".to_owned(), ExecutionId::generate());
    let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(own.into_iter().chain(settings.hosts.iter().cloned()))
        .with_allowed_origins(
            own_origins
                .into_iter()
                .chain(settings.origins.iter().cloned()),
        )
        .enforce_origin_validation()
        .with_max_request_body_bytes(settings.body_kib as usize * 1024)
        .with_cancellation_token(streams);
    let common = Common {
        host: host.clone(),
        handler: Handler::new(nobody, Open::of(host)?),
        config,
        metrics: Arc::default(),
    };
    Ok(Gate {
        common,
        settings,
        door,
        draining: false.into(),
        subjects: std::sync::Mutex::default(),
        people: std::sync::Mutex::default(),
    })
}

async fn sweep(gate: Arc<Gate>) {
    let mut turns = tokio::time::interval(SWEEP);
    loop {
        turns.tick().await;
        gate.sweep().await;
    }
}

async fn accept(
    listener: &TcpListener,
    tls: Option<&TlsAcceptor>,
    gate: &Arc<Gate>,
    connections: &GracefulShutdown,
    stop: &CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let strangers = Arc::new(Strangers::default());
    loop {
        let accepted = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            accepted = accepted => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!(%error, "a connection was not accepted");
                // No descriptors are left, most likely: some will be free.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Small answers wait for nothing.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection is slower than it could be");
        }
        let (gate, watcher, tls) = (gate.clone(), connections.watcher(), tls.cloned());
        let stranger = strangers.knock();
        tokio::spawn(async move {
            let _place = place;
            let Some(tls) = tls else {
                return speak(stream, gate, watcher, stranger).await;
            };
            let accepted = tokio::select! {
                accepted = tls.accept(stream) => accepted,
                () = stranger.has_to_go() => {
                    return tracing::debug!("a connection took too long for its TLS");
                }
            };
            match accepted {
                Ok(stream) => speak(stream, gate, watcher, stranger).await,
                Err(error) => tracing::debug!(%error, "a connection has no TLS"),
            }
        });
    }
}

/// Speaks HTTP on a connection to its end, or until nothing happens on it any more.
async fn speak<S>(stream: S, gate: Arc<Gate>, watcher: Watcher, stranger: Stranger)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let quiet = Quiet::new();
    let stranger = Arc::new(stranger);
    let service = service_fn(|request| {
        let (gate, quiet, stranger) = (gate.clone(), quiet.clone(), stranger.clone());
        async move {
            let answering = quiet.answering();
            let reply = gate.answer(request, &stranger).await;
            let reading = answering.read();
            Ok::<_, Infallible>(hold(reply, move || reading.touch()))
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(64 << 10);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .max_send_buf_size(256 << 10)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20));
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        ended = watcher.watch(connection) => if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended badly");
        },
        () = quiet.long() => tracing::debug!("a connection where nothing happens was closed"),
        () = stranger.has_to_go() => tracing::debug!("a connection on which nobody was let in was closed"),
    }
}
