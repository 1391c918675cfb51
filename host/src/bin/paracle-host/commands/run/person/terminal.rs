//! Who called, where that is a person at a terminal.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use paracle_host::model::{
    Ability, BoxFuture, Client, ClientLink, ClientReply, LogLevel, NotAvailable, Question,
};
use tokio::sync::Mutex;

use super::ask;
use crate::{log, output};

/// Returns the way to the person: one who sees what is asked, and can answer. In a pipe nobody can be asked.
pub(in super::super) fn link() -> ClientLink {
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        ClientLink::new(Terminal::default())
    } else {
        ClientLink::default()
    }
}

/// A person at a terminal.
#[derive(Default)]
struct Terminal {
    /// Held while something is asked: questions of parallel calls come one after the other.
    asking: Arc<Mutex<()>>,
}

impl Client for Terminal {
    fn abilities(&self) -> Vec<Ability> {
        vec![Ability::Form, Ability::Url]
    }

    fn ask(
        &self,
        questions: Vec<Question>,
    ) -> BoxFuture<'_, Result<Vec<ClientReply>, NotAvailable>> {
        Box::pin(async move {
            let turn = self.asking.clone().lock_owned().await;
            log::status("");
            // A read from a terminal cannot be cancelled: a call that is does not wait for it, and the next question does.
            let asked = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                questions.iter().map(ask::ask).collect()
            });
            asked.await.unwrap_or_else(|error| {
                Err(NotAvailable {
                    why: error.to_string(),
                })
            })
        })
    }

    fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        let far = match total {
            Some(total) if total > 0.0 => {
                format!("{:3.0} %", (progress / total * 100.0).clamp(0.0, 100.0))
            }
            Some(_) | None => format!("{progress}"),
        };
        log::status(&output::line(&format!(
            "{far}  {}",
            message.unwrap_or_default()
        )));
    }

    // The host's own log has it.
    fn log(&self, _: LogLevel, _: &str, _: &str) {}

    fn continue_as_task(&self) {}
}
