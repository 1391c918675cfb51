//! The neighbour: an honest plugin that is called without a pause while another attacks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::server::Server;

/// Between two calls: as short as an assistant that does nothing else, and the attack gets the processor too.
const BREATH: Duration = Duration::from_millis(1);

/// How the neighbour fared.
#[derive(Debug, Default, Serialize)]
pub(super) struct Neighbour {
    /// How many of its calls were answered right.
    pub(super) calls: u32,
    /// The first call that was not.
    pub(super) wrong: Option<String>,
}

/// Calls the neighbour until it is told to stop, and at least once.
pub(super) fn keep_calling(server: &Server, stop: &AtomicBool) -> Neighbour {
    let mut neighbour = Neighbour::default();
    loop {
        match greet(server, neighbour.calls) {
            Ok(()) => neighbour.calls += 1,
            Err(error) => {
                neighbour.wrong = Some(error);
                return neighbour;
            }
        }
        if stop.load(Ordering::Acquire) {
            return neighbour;
        }
        std::thread::sleep(BREATH);
    }
}

/// Calls the neighbour once; an error if the answer is not right.
pub(super) fn greet(server: &Server, number: u32) -> Result<(), String> {
    let name = format!("N{number}");
    let answer = server.call("hello__greet", &json!({ "name": name }))?;
    let said = answer
        .pointer("/result/content/0/text")
        .and_then(Value::as_str);
    if said == Some(&format!("Hello, {name}!")) {
        Ok(())
    } else {
        Err(format!("the neighbour was answered {answer}"))
    }
}
