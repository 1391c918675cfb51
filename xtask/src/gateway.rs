//! `cargo xtask gateway`: a gateway that others wrote answers the provider `openai`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::cargo::{host_tests, root, show};
use crate::error::{At as _, Error};
use crate::python;
use crate::wasm_std;

/// How long the gateway may take until it answers: it reads hundreds of modules, and a cold disk is slow.
const START: Duration = Duration::from_mins(3);

/// Starts the gateway on this machine, and runs the tests that ask it.
pub(crate) fn gateway() -> Result<(), Error> {
    wasm_std::provide()?;
    let programs = python::provide("gateway", "gateway.txt")?;
    let port = free_port()?;
    let running = Running::start(&programs, port)?;
    let tested = show(
        host_tests(&["--test", "all"])
            .args(["providers::gateway::", "--ignored"])
            .env("PARACLE_GATEWAY", port.to_string()),
    );
    drop(running);
    tested
}

/// Returns a port that nobody has.
fn free_port() -> Result<u16, Error> {
    let place = Path::new("127.0.0.1:0");
    let listener = TcpListener::bind("127.0.0.1:0").at("listen on", place)?;
    Ok(listener.local_addr().at("listen on", place)?.port())
}

/// The gateway, which ends when this is dropped.
struct Running {
    child: Child,
}

impl Running {
    fn start(programs: &Path, port: u16) -> Result<Self, Error> {
        let mut command = Command::new(programs.join("litellm"));
        command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        command
            .arg("--config")
            .arg(root().join("tests/providers/gateway.yaml"));
        // Nothing is fetched and nothing is told: what models cost is of no matter here.
        command.env("LITELLM_LOCAL_MODEL_COST_MAP", "True");
        command.env("LITELLM_TELEMETRY", "False");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().map_err(|source| Error::Start {
            program: "litellm".to_owned(),
            source,
        })?;
        let mut running = Self { child };
        let begun = Instant::now();
        while !answers(port) {
            let ended = running.child.try_wait().is_ok_and(|ended| ended.is_some());
            if ended || begun.elapsed() > START {
                return Err(Error::Demo(
                    "the gateway does not answer; its own words are above".to_owned(),
                ));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        eprintln!(
            "  the gateway answers after {:.1} s",
            begun.elapsed().as_secs_f64()
        );
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that ended already is no trouble.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Tells whether the gateway says that it is alive.
fn answers(port: u16) -> bool {
    let mut said = String::new();
    let asked = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
        let request =
            "GET /health/liveliness HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes())?;
        stream.read_to_string(&mut said)
    });
    asked.is_ok() && said.starts_with("HTTP/1.1 200")
}
