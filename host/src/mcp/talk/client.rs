//! Whoever stands behind a request, as the call that it led to speaks with them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::InputResponses;
use rmcp::service::{Peer, PeerRequestOptions, RequestContext};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::convert::{self, input_request, reply_of};
use super::running::{Asked, Running, Said};
use super::{Era, Loudness, Notices, abilities};
use crate::mcp::shares::Shares;
use crate::model::{Ability, BoxFuture, Client, ClientReply, LogLevel, NotAvailable, Question};

/// How long whoever is asked may think.
pub(in crate::mcp) const PATIENCE: Duration = Duration::from_mins(10);

/// A client and the way to it.
pub(in crate::mcp) struct McpClient {
    abilities: Vec<Ability>,
    way: Way,
    notices: Notices,
    /// Answers that came with the request, for questions that its plugin has not asked yet.
    given: Mutex<InputResponses>,
    said: mpsc::Sender<Said>,
    waiting: Waiting,
}

/// The places of calls that wait for an answer, and who takes one of them for this client.
pub(in crate::mcp) struct Waiting {
    /// All of them.
    pub(in crate::mcp) places: Shares,
    /// Whoever is asked: all sessions of one person share theirs.
    pub(in crate::mcp) person: String,
}

/// How the client is asked.
enum Way {
    /// By requests to it.
    Now(Peer<RoleServer>),
    /// By the answer to its request.
    ByAnswer,
}

impl McpClient {
    /// Makes the client of a request, and runs what the request asks for with it.
    pub(in crate::mcp) fn run<T, F>(
        context: &RequestContext<RoleServer>,
        connection: &Loudness,
        given: Option<InputResponses>,
        waiting: Waiting,
        work: impl FnOnce(std::sync::Arc<Self>, CancellationToken) -> F,
    ) -> Running<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let notices = Notices::nobody();
        notices.listen(context, connection);
        let (said, heard) = mpsc::channel(4);
        let cancel = CancellationToken::new();
        let client = Self {
            abilities: abilities(context),
            way: match Era::of(context) {
                Era::Legacy => Way::Now(context.peer.clone()),
                Era::Modern => Way::ByAnswer,
            },
            notices: notices.clone(),
            given: Mutex::new(given.unwrap_or_default()),
            said,
            waiting,
        };
        let work = work(std::sync::Arc::new(client), cancel.clone());
        Running::new(work, heard, notices, cancel)
    }

    /// Tells whether an answer is waited for here, and not somewhere that whoever asked may never come back to.
    pub(in crate::mcp) const fn waits(&self) -> bool {
        match self.way {
            Way::Now(_) => true,
            Way::ByAnswer => false,
        }
    }

    /// Asks in the host's own name: no answer that came before the question counts.
    pub(in crate::mcp) async fn ask_now(
        &self,
        questions: Vec<Question>,
    ) -> Result<Vec<ClientReply>, NotAvailable> {
        let place = self.waiting.places.take(&self.waiting.person);
        let place = place.ok_or_else(|| NotAvailable {
            why: "too many requests wait for an answer already".to_owned(),
        })?;
        match &self.way {
            Way::Now(peer) => {
                let mut replies = Vec::new();
                for question in questions {
                    replies.push(ask_one(peer, &question).await?);
                }
                Ok(replies)
            }
            Way::ByAnswer => {
                let (reply, replies) = oneshot::channel();
                let gone = || NotAvailable {
                    why: "whoever called did not come back with an answer".to_owned(),
                };
                let asked = Said::Ask(Asked {
                    questions,
                    reply,
                    _place: place,
                });
                self.said.send(asked).await.map_err(|_| gone())?;
                replies.await.map_err(|_| gone())?
            }
        }
    }

    /// Takes the answers that came with the request, if there is a good one to each question.
    fn given(&self, questions: &[Question]) -> Option<Vec<ClientReply>> {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = |question: &Question| {
            let answer = given.get(&question.key)?;
            reply_of(&question.request, answer.clone()).ok()
        };
        questions.iter().map(reply).collect()
    }
}

impl Client for McpClient {
    fn abilities(&self) -> Vec<Ability> {
        self.abilities.clone()
    }

    fn ask(
        &self,
        questions: Vec<Question>,
    ) -> BoxFuture<'_, Result<Vec<ClientReply>, NotAvailable>> {
        Box::pin(async move {
            if let Some(replies) = self.given(&questions) {
                return Ok(replies);
            }
            let requests: Vec<_> = questions.iter().map(|one| one.request.clone()).collect();
            let replies = self.ask_now(questions).await?;
            for (request, reply) in requests.iter().zip(&replies) {
                convert::check_reply(request, reply)?;
            }
            Ok(replies)
        })
    }

    fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        self.notices.progress(progress, total, message);
    }

    fn log(&self, level: LogLevel, plugin: &str, message: &str) {
        self.notices.log(level, plugin, message);
    }

    fn continue_as_task(&self) {
        // A full queue has a question in it, which is answered first; the guest is told nothing either way.
        self.said.try_send(Said::Task).unwrap_or_default();
    }
}

/// Asks a client that waits for its answer, and for no longer than a person may think.
async fn ask_one(
    peer: &Peer<RoleServer>,
    question: &Question,
) -> Result<ClientReply, NotAvailable> {
    let request = input_request(question)?;
    let options = PeerRequestOptions::with_timeout(PATIENCE);
    let asked = peer
        .send_request_with_option(convert::request(request), options)
        .await;
    let answer = match asked {
        Ok(handle) => handle.await_response().await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => convert::answer_of(&question.request, answer),
        Err(error) => Err(NotAvailable {
            why: format!("whoever called did not answer: {error}"),
        }),
    }
}
