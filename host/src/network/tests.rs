//! The way out, with a resolver of the tests' own.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};

use super::*;
use crate::model::Scheme::{self, Http, Https};
use crate::model::{Breach, LimitName};
use crate::model::{Grant, HostPattern, HttpRequest, Protocol};
use crate::observe::{HttpEnd, HttpTold, SocketTold};

/// Answers each lookup with the next list, and counts.
struct Turns {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Turns {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers
            .iter()
            .map(|answer| answer.iter().map(|ip| ip.parse().unwrap()).collect());
        Arc::new(Self {
            answers: answers.collect(),
            asked: AtomicUsize::new(0),
        })
    }
}

impl Resolve for Turns {
    fn resolve<'a>(
        &'a self,
        _name: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        let answer = self.answers[turn.min(self.answers.len() - 1)].clone();
        Box::pin(async move { Ok(answer) })
    }
}

/// Notes what was refused, and counts without an end.
struct Noted(Arc<Mutex<Vec<String>>>);

impl Oversight for Noted {
    fn count(&self, _: LimitName, _: u64) -> Result<(), Breach> {
        Ok(())
    }

    fn refused(&self, need: Grant) {
        self.0.lock().unwrap().push(need.to_string());
    }

    fn told(&self, _: &HttpTold, _: &HttpEnd) {}

    fn told_socket(&self, _: &SocketTold, _: Option<&str>) {}
}

struct World {
    outward: Arc<Outward>,
    resolver: Arc<Turns>,
    refused: Arc<Mutex<Vec<String>>>,
}

impl World {
    fn new(grant: &str, answers: &[&[&str]]) -> Self {
        let resolver = Turns::new(answers);
        let refused = Arc::new(Mutex::new(Vec::new()));
        let grant: Grant = serde_saphyr::from_str(grant).unwrap();
        let machine = Machine::default().with_resolver(resolver.clone());
        let noted = refused.clone();
        let outward = Outward::new("test", &grant, Arc::new(machine), Arc::new(Noted(noted)));
        Self {
            outward: Arc::new(outward),
            resolver,
            refused,
        }
    }

    async fn get(&self, url: &str) -> Result<Answered, SendError> {
        let request = Request::get(url).body(Empty::<Bytes>::new()).unwrap();
        let soon = Some(Duration::from_millis(300));
        send(
            self.outward.clone(),
            request,
            Timeouts::DEFAULT.asked(soon, None, None, Duration::ZERO),
        )
        .await
    }

    fn lookups(&self) -> usize {
        self.resolver.asked.load(Ordering::Relaxed)
    }
}

/// A server that begins an answer and does not end it; returns its port and how many came.
fn server() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::new(AtomicUsize::new(0));
    let counted = came.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let mut head = [0; 4096];
                let read = stream.read(&mut head).unwrap_or_default();
                assert!(read > 0);
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello")
                    .unwrap();
                // Until the other side goes.
                stream.read(&mut head).unwrap_or_default();
            });
        }
    });
    (port, came)
}

#[tokio::test]
async fn a_name_that_rebinds_reaches_nothing_but_what_was_decided() {
    let (port, came) = server();
    let grant = format!("{{network: ['http://rebind.example.com:{port}']}}");
    // Nobody answers at the first address here; what counts is that the second is never asked in its place.
    let world = World::new(
        &grant,
        &[&["203.0.114.1"], &["127.0.0.1"], &["1.1.1.1", "127.0.0.1"]],
    );
    let url = format!("http://rebind.example.com:{port}/");
    let first = world.get(&url).await.err().unwrap();
    assert!(
        matches!(first, SendError::Connect { .. } | SendError::ConnectTimeout),
        "{first}"
    );
    assert_eq!(world.lookups(), 1, "looked up once a request");
    for lookups in 2..4 {
        let later = world.get(&url).await.err().unwrap();
        assert!(matches!(later, SendError::Denied), "{later}");
        assert_eq!(world.lookups(), lookups);
    }
    assert_eq!(came.load(Ordering::SeqCst), 0);
    let refused = world.refused.lock().unwrap();
    assert_eq!(refused.len(), 2);
    assert!(refused[0].ends_with(" private"), "{refused:?}");
}

#[tokio::test]
async fn a_name_without_a_rule_is_not_even_looked_up() {
    let world = World::new("{network: ['https://a.example.com']}", &[&["1.1.1.1"]]);
    for url in ["https://b.example.com/", "http://a.example.com/"] {
        assert!(matches!(world.get(url).await, Err(SendError::Denied)));
    }
    assert_eq!(world.lookups(), 0);
    assert_eq!(
        *world.refused.lock().unwrap(),
        [
            "network=https://b.example.com",
            "network=http://a.example.com"
        ]
    );
}

#[tokio::test]
async fn what_a_call_has_open_ends_with_it() {
    let (port, came) = server();
    let world = World::new(
        &format!("{{network: ['http://a.example.com:{port} private']}}"),
        &[&["127.0.0.1"]],
    );
    let url = format!("http://a.example.com:{port}/");
    let answered = world.get(&url).await.unwrap();
    let driver = tokio::spawn(answered.driver);
    let mut body = answered.response.into_body();
    let hello = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(hello, "hello");
    world.outward.end();
    // The connection goes though the body is still held, and neither it nor a new request gets anything.
    driver.await.unwrap();
    assert!(matches!(body.frame().await, Some(Err(SendError::Ended))));
    assert!(matches!(world.get(&url).await, Err(SendError::Ended)));
    assert_eq!(came.load(Ordering::SeqCst), 1);
}

#[test]
fn a_secret_goes_over_tls_or_stays_on_the_machine() {
    let request =
        |scheme: Scheme| HttpRequest::new("GET", scheme, "a.example.com", None, "/").unwrap();
    let safe =
        |scheme, to: &str| super::secret::carried_safely(&request(scheme), to.parse().unwrap());
    assert!(safe(Https, "1.1.1.1"));
    assert!(safe(Http, "127.0.0.1") && safe(Http, "::1"));
    assert!(!safe(Http, "1.1.1.1") && !safe(Http, "10.0.0.1") && !safe(Http, "fd00::1"));
}

#[tokio::test]
async fn a_name_of_a_socket_rule_follows_the_rule_of_requests() {
    const HOST: &str = "a.example.com";
    for (address, plain, private) in [
        ("1.1.1.1", true, true),
        ("2606:4700::1111", true, true),
        ("127.0.0.1", false, true),
        ("10.0.0.1", false, true),
        ("169.254.1.1", false, true),
        ("100.64.0.1", false, true),
        ("fe80::1", false, true),
        ("::ffff:10.0.0.1", false, true),
        ("64:ff9b::a00:1", false, true),
        ("169.254.169.254", false, false),
        ("64:ff9b::a9fe:a9fe", false, false),
        ("fd00:ec2::254", false, false),
        ("224.0.0.1", false, false),
        ("0.0.0.0", false, false),
    ] {
        for (word, allowed) in [("", plain), (" private", private)] {
            let grant = format!(
                "{{sockets: ['tcp://{HOST}:1{word}', 'udp://{HOST}:1{word}'], network: ['http://{HOST}:1{word}']}}"
            );
            let world = World::new(&grant, &[&[address]]);
            let to = SocketAddr::new(address.parse().unwrap(), 1);
            assert!(
                !world.outward.may_connect(Protocol::Tcp, to),
                "before it is looked up"
            );
            assert_eq!(world.outward.look_up(HOST).await.unwrap(), [to.ip()]);
            for protocol in [Protocol::Tcp, Protocol::Udp] {
                let may = world.outward.may_connect(protocol, to);
                assert_eq!(may, allowed, "{address}{word}");
            }
            assert_eq!(world.outward.has_reached(to), allowed, "{address}{word}");
            let request = HttpRequest::new("GET", Http, HOST, Some(1), "/").unwrap();
            let rules = &world.outward.grant.network;
            let verdict = super::decide::addresses(rules, &request, &[to.ip()]);
            assert_eq!(
                verdict == super::verdict::Verdict::Allowed,
                allowed,
                "{address}{word}"
            );
        }
        // Whoever writes the address means it.
        let host: HostPattern = HostPattern::Address(address.parse().unwrap());
        let world = World::new(&format!("{{sockets: ['tcp://{host}:1']}}"), &[&[]]);
        let to = SocketAddr::new(address.parse().unwrap(), 1);
        assert!(world.outward.may_connect(Protocol::Tcp, to), "{address}");
    }
}

#[tokio::test]
async fn what_a_socket_would_need_is_told_by_the_name_that_was_looked_up() {
    let world = World::new(
        "{sockets: ['tcp://a.example.com:1', 'tcp://b.example.com:1']}",
        &[&["1.1.1.1", "10.0.0.1"], &["1.1.1.1"], &["169.254.169.254"]],
    );
    let to = |address: &str| format!("{address}:1").parse().unwrap();
    world.outward.look_up("A.example.com").await.unwrap();
    // One bad address among good ones spoils the name, and not another name of the good one.
    assert!(!world.outward.may_connect(Protocol::Tcp, to("1.1.1.1")));
    world.outward.look_up("b.example.com").await.unwrap();
    assert!(world.outward.may_connect(Protocol::Tcp, to("1.1.1.1")));
    assert!(!world.outward.may_connect(Protocol::Udp, to("1.1.1.1")));
    // No rule of a name opens what is reached by its address only, and none is suggested.
    world.outward.look_up("b.example.com").await.unwrap();
    assert!(
        !world
            .outward
            .may_connect(Protocol::Tcp, to("169.254.169.254"))
    );
    assert!(!world.outward.may_connect(Protocol::Tcp, to("8.8.8.8")));
    assert_eq!(
        *world.refused.lock().unwrap(),
        [
            "sockets=tcp://a.example.com:1 private",
            "sockets=udp://b.example.com:1",
            "sockets=tcp://8.8.8.8:1",
        ]
    );
    assert!(world.outward.look_up("c.example.com").await.is_err());
    assert_eq!(world.lookups(), 3);
}
