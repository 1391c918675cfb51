//! What a call may ask of whoever made it, and tell them meanwhile.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::PluginName;
use super::chat::{Request, Response};

/// A future that a trait object returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a caller can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ability {
    /// It shows its person a form.
    Form,
    /// It shows its person an address to open.
    Url,
    /// It asks a language model of its own.
    Sampling,
    /// It says which folders it works in.
    Roots,
}

impl Ability {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Form, Self::Url, Self::Sampling, Self::Roots];

    /// Returns what it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Url => "url",
            Self::Sampling => "sampling",
            Self::Roots => "roots",
        }
    }
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that a plugin asks its caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Unique among those of one call.
    pub key: String,
    /// What.
    pub request: ClientRequest,
}

/// What a plugin asks its caller.
#[derive(Debug, Clone, PartialEq)]
pub enum ClientRequest {
    /// That its person fills a form.
    Form {
        /// What for.
        message: String,
        /// JSON Schema of an object of flat fields.
        schema: serde_json::Map<String, serde_json::Value>,
    },
    /// That its person opens an address.
    Url {
        /// What for.
        message: String,
        /// Where.
        url: String,
    },
    /// That its model answers.
    Sampling(Request),
    /// Which folders it works in.
    Roots,
}

impl ClientRequest {
    /// Returns what the caller has to be able to do.
    pub const fn ability(&self) -> Ability {
        match self {
            Self::Form { .. } => Ability::Form,
            Self::Url { .. } => Ability::Url,
            Self::Sampling(_) => Ability::Sampling,
            Self::Roots => Ability::Roots,
        }
    }
}

/// What a person said of a form, or of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// They did it.
    Accepted(T),
    /// They would rather not.
    Declined,
    /// They closed it.
    Cancelled,
}

/// A folder that a caller works in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// A `file:` URI.
    pub uri: String,
    /// For people.
    pub name: Option<String>,
}

/// What a caller answers, by what it was asked.
#[derive(Debug, Clone, PartialEq)]
pub enum ClientReply {
    /// A form's.
    Form(Answer<serde_json::Value>),
    /// An address's.
    Url(Answer<()>),
    /// A model's.
    Sampling(Response),
    /// The folders.
    Roots(Vec<Root>),
}

/// Why a caller cannot be asked: one sentence for the plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotAvailable {
    /// Why, and what would help.
    pub why: String,
}

impl NotAvailable {
    /// Makes the error of a caller that cannot do something.
    pub fn unable(ability: Ability) -> Self {
        Self {
            why: format!("whoever called cannot be asked for {ability}"),
        }
    }
}

/// How loud a line of a plugin's log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For whoever looks for an error.
    Debug,
    /// For the operator.
    Info,
    /// Should be looked at.
    Warning,
    /// Failed.
    Error,
    /// Failed, and the rest with it.
    Critical,
}

/// Whoever made a call, as far as the call may speak to them while it runs.
pub trait Client: Send + Sync {
    /// Says what they can be asked for.
    fn abilities(&self) -> Vec<Ability>;

    /// Asks, and waits for all answers, in the order of the questions. Dropped, the questions are withdrawn.
    fn ask(
        &self,
        questions: Vec<Question>,
    ) -> BoxFuture<'_, Result<Vec<ClientReply>, NotAvailable>>;

    /// Tells how far the call has come. Neither fails nor waits.
    fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>);

    /// Passes a line of the plugin's log on. Neither fails nor waits.
    fn log(&self, level: LogLevel, plugin: &str, message: &str);

    /// Answers with a task now, if the caller knows tasks; the call goes on.
    fn continue_as_task(&self);
}

/// A caller that cannot be asked and is not told anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoClient;

impl Client for NoClient {
    fn abilities(&self) -> Vec<Ability> {
        Vec::new()
    }

    fn ask(&self, _: Vec<Question>) -> BoxFuture<'_, Result<Vec<ClientReply>, NotAvailable>> {
        Box::pin(async {
            Err(NotAvailable {
                why: "nobody stands behind this call who could be asked".to_owned(),
            })
        })
    }

    fn progress(&self, _: f64, _: Option<f64>, _: Option<&str>) {}

    fn log(&self, _: LogLevel, _: &str, _: &str) {}

    fn continue_as_task(&self) {}
}

/// A caller, shared by a call and the calls that it leads to. It counts how long they wait for answers, which is nobody's fault.
#[derive(Clone)]
pub struct ClientLink {
    client: Arc<dyn Client>,
    waits: Arc<Mutex<Waits>>,
}

/// What a call has that others could use while it waits for an answer.
pub trait Yielding: Send + Sync {
    /// Gives it to others. Neither fails nor waits.
    fn leave(&self);

    /// Takes it again before the call goes on. Neither fails nor waits.
    fn come_back(&self);
}

#[derive(Default)]
struct Waits {
    /// How many questions wait.
    open: usize,
    since: Option<Instant>,
    before: Duration,
    yields: Option<Arc<dyn Yielding>>,
}

impl ClientLink {
    /// Links to a caller.
    pub fn new(client: impl Client + 'static) -> Self {
        Self::shared(Arc::new(client))
    }

    /// Links to a caller that somebody else speaks with, too.
    pub fn shared(client: Arc<dyn Client>) -> Self {
        Self {
            client,
            waits: Arc::default(),
        }
    }

    /// Asks, and counts the time until the answers are there.
    pub async fn ask(&self, questions: Vec<Question>) -> Result<Vec<ClientReply>, NotAvailable> {
        let _waits = Waiting::begin(&self.waits);
        self.client.ask(questions).await
    }

    /// Has something given to others while answers are waited for, until what is returned is dropped.
    pub fn while_waiting(&self, yields: Arc<dyn Yielding>) -> Yields {
        lock(&self.waits).yields = Some(yields);
        Yields(self.waits.clone())
    }

    /// Returns for how long answers were waited for, until now.
    pub fn waited(&self) -> Duration {
        let waits = lock(&self.waits);
        waits.before + waits.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

fn lock(waits: &Mutex<Waits>) -> MutexGuard<'_, Waits> {
    waits.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has something given to others until it is dropped.
pub struct Yields(Arc<Mutex<Waits>>);

impl Drop for Yields {
    fn drop(&mut self) {
        lock(&self.0).yields = None;
    }
}

/// Counts a wait until it is dropped.
struct Waiting<'a>(&'a Mutex<Waits>);

impl<'a> Waiting<'a> {
    fn begin(waits: &'a Mutex<Waits>) -> Self {
        let mut open = lock(waits);
        open.open += 1;
        if let (1, Some(yields)) = (open.open, &open.yields) {
            yields.leave();
        }
        open.since.get_or_insert_with(Instant::now);
        Self(waits)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waits = lock(self.0);
        waits.open -= 1;
        if waits.open > 0 {
            return;
        }
        if let Some(yields) = &waits.yields {
            yields.come_back();
        }
        if let Some(since) = waits.since.take() {
            waits.before += since.elapsed();
        }
    }
}

impl std::ops::Deref for ClientLink {
    type Target = dyn Client;

    fn deref(&self) -> &Self::Target {
        &*self.client
    }
}

impl Default for ClientLink {
    fn default() -> Self {
        Self::new(NoClient)
    }
}

impl fmt::Debug for ClientLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientLink")
    }
}

/// What reads differently than before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// The list of tools.
    Tools,
    /// The list of resources or templates.
    Resources,
    /// The list of prompts.
    Prompts,
    /// One resource.
    Resource {
        /// Its address.
        uri: String,
        /// The plugin that says so; none where it is the host's own.
        plugin: Option<PluginName>,
    },
}
