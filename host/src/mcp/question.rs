//! Asking the person to grant what a call was refused: what, to whom, why, and for how long.
//!
//! Both eras ask after the call has failed, and call again once the person agreed: a failed call landed nothing. Up to
//! 2025-11-25 the server asks while the client waits for its answer; from 2026-07-28 on the answer is the question, and the
//! client comes back with the person's word.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{
    ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema,
    EnumSchema, InputRequest, InputRequiredResult, InputResponses, RequestStateCodec, SealOptions,
};
use rmcp::service::RequestContext;
use serde::{Deserialize, Serialize};

use super::McpError;
use crate::flow::{CallError, GiveError, Host};
use crate::grants::{By, Scope};
use crate::model::{
    Denied, Digest, DirectoryUse, ExecutionId, Grant, Need, Party, Receipt, ToolPath,
};

/// The name of the question, and of its one field.
const FIELD: &str = "allow";

/// How long a person may think.
const PATIENCE: Duration = Duration::from_mins(10);

/// Questions that one call may lead to, one after the other: it may need several things.
pub(super) const ROUNDS: u32 = 4;

/// Questions that a connection may ask: who is asked too often agrees to anything.
const QUESTIONS: usize = 32;

/// The first protocol version whose answers are questions.
const ASKS_BY_ANSWER: &str = "2026-07-28";

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Question {
    need: Need,
    /// The plugin's bytes.
    digest: Digest,
    tool: String,
    /// What the caller reads if the person says no.
    refusal: String,
    /// Which question of the call it is, from 1.
    pub(super) round: u32,
    /// Whether the call can be made again as if it had not been: it reached nothing beyond its tree.
    repeatable: bool,
    /// What the person allowed for this call before.
    pub(super) allowed: Grant,
    /// Makes each question another one.
    nonce: String,
}

/// How the client can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Not at all.
    Never,
    /// While it waits.
    Now,
    /// By the answer.
    ByAnswer,
}

impl Manner {
    /// Tells how the client of a request can be asked.
    pub(super) fn of(context: &RequestContext<RoleServer>) -> Self {
        let elicits = context
            .client_capabilities()
            .and_then(|capabilities| capabilities.elicitation)
            // A client that names no form means forms; one that names the other way only shows none.
            .is_some_and(|elicitation| elicitation.form.is_some() || elicitation.url.is_none());
        let version = context.protocol_version();
        match (elicits, version) {
            (false, _) => Self::Never,
            (true, Some(version)) if version.as_str() >= ASKS_BY_ANSWER => Self::ByAnswer,
            (true, _) => Self::Now,
        }
    }
}

/// The questions of one connection.
pub(super) struct Questions {
    seal: RequestStateCodec,
    /// What was asked and is settled, and what the person said no to.
    settled: Mutex<HashSet<String>>,
}

impl Questions {
    pub(super) fn new() -> Result<Self, McpError> {
        let inside = |reason: String| McpError::Inside { reason };
        let mut key = [0_u8; 32];
        let filled = rustix::rand::getrandom(&mut key, rustix::rand::GetRandomFlags::empty())
            .map_err(|error| inside(error.to_string()))?;
        if filled < key.len() {
            return Err(inside("the system gave too few random bytes".to_owned()));
        }
        Ok(Self {
            seal: RequestStateCodec::try_new(key).map_err(|error| inside(error.to_string()))?,
            settled: Mutex::default(),
        })
    }

    /// Returns what to ask after a call, if a grant would help and nobody said no to it.
    pub(super) fn after(
        &self,
        host: &Host,
        tool: &ToolPath,
        done: &Result<Receipt, CallError>,
        round: u32,
        allowed: &Grant,
    ) -> Option<Question> {
        let denied = decisive(done)?;
        let need = denied.needs.as_deref()?;
        let registry = host.registry();
        let question = Question {
            need: need.clone(),
            digest: registry.get(&need.plugin)?.component.digest,
            tool: tool.to_string(),
            refusal: denied.to_string(),
            round,
            repeatable: done.as_ref().is_ok_and(is_repeatable),
            allowed: allowed.clone(),
            nonce: ulid::Ulid::generate().to_string(),
        };
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        let asks =
            round <= ROUNDS && settled.len() < QUESTIONS && !settled.contains(&question.key());
        // Counted before it is answered: calls that run in parallel are not asked about one by one.
        if asks {
            settled.insert(format!("asked {}", question.nonce));
        }
        asks.then_some(question)
    }

    /// Asks while the client waits. None where the person does not agree, or there is no answer.
    pub(super) async fn ask_now(
        &self,
        context: &RequestContext<RoleServer>,
        question: &Question,
        execution: &ExecutionId,
    ) -> Option<Scope> {
        let asked = context
            .peer
            .create_elicitation_with_timeout(question.form(), Some(PATIENCE));
        let answer = tokio::select! {
            answer = asked => answer,
            () = context.ct.cancelled() => return None,
        };
        let scope = match answer {
            Ok(answer) => scope(&answer, execution),
            Err(error) => {
                tracing::debug!(%error, "the person was not asked");
                None
            }
        };
        self.settle(question, scope.is_some());
        scope
    }

    /// Makes the answer that is the question.
    pub(super) fn answer(
        &self,
        question: &Question,
        arguments: &serde_json::Value,
    ) -> Result<InputRequiredResult, McpError> {
        let inside = |reason: String| McpError::Inside { reason };
        let state = serde_json::to_vec(question).map_err(|error| inside(error.to_string()))?;
        let context = bound(&question.tool, arguments);
        let sealed = self.seal.seal_with(
            &state,
            &SealOptions::new()
                .associated_data(context.as_bytes())
                .ttl(PATIENCE),
        );
        let form = InputRequest::Elicitation(ElicitRequest::new(question.form()));
        let requests = BTreeMap::from([(FIELD.to_owned(), form)]);
        Ok(InputRequiredResult::new(Some(requests), Some(sealed)))
    }

    /// Reads what a client that was asked by an answer came back with: the question, and for how long the person agreed.
    pub(super) fn heard(
        &self,
        tool: &ToolPath,
        arguments: &serde_json::Value,
        state: &str,
        answers: &InputResponses,
        execution: &ExecutionId,
    ) -> Result<(Question, Option<Scope>), String> {
        let again = "call again without `requestState` to be asked anew";
        let context = bound(&tool.to_string(), arguments);
        let opened = self
            .seal
            .open_with(state, context.as_bytes())
            .map_err(|error| format!("{error}; {again}"))?;
        let question: Question =
            serde_json::from_slice(&opened).map_err(|error| format!("{error}; {again}"))?;
        let answer = answers
            .get(FIELD)
            .ok_or_else(|| format!("`inputResponses` has no `{FIELD}`; {again}"))?;
        let answer: ElicitResult = serde_json::from_value(answer.clone())
            .map_err(|error| format!("`inputResponses.{FIELD}` is no answer: {error}; {again}"))?;
        let fresh = self
            .settled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(question.nonce.clone());
        if !fresh {
            return Err(format!("this answer was used already; {again}"));
        }
        let scope = scope(&answer, execution);
        self.settle(&question, scope.is_some());
        Ok((question, scope))
    }

    /// Remembers that a question was asked; what the person said no to is not asked again.
    fn settle(&self, question: &Question, agreed: bool) {
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        settled.insert(if agreed {
            question.nonce.clone()
        } else {
            question.key()
        });
    }
}

impl Question {
    /// Keeps what the person agreed to, where the plugin is still the one that they were asked about; what they allow once, the
    /// call carries itself, and no other call has it.
    pub(super) fn grant(
        &self,
        host: &Host,
        path: &ToolPath,
        scope: Scope,
        allowed: &mut Grant,
    ) -> Result<(), GiveError> {
        let registry = host.registry();
        let plugin = registry
            .get(&self.need.plugin)
            .filter(|plugin| plugin.component.digest == self.digest);
        let Some(plugin) = plugin else {
            return Ok(());
        };
        if scope == Scope::Once && plugin.info.name == path.plugin {
            host.give_once(plugin, &self.need.grant);
            *allowed = std::mem::take(allowed).union(&self.need.grant);
        } else {
            host.give(plugin, self.need.grant.clone(), scope, By::Answer)?;
        }
        Ok(())
    }

    /// Returns what the caller reads where the person does not agree.
    pub(super) fn refusal(&self) -> &str {
        &self.refusal
    }

    fn key(&self) -> String {
        format!("{} {} {}", self.need.plugin, self.digest, self.need.grant)
    }

    /// Says what, to whom, why and for how long. Every word is the host's own.
    fn form(&self) -> ElicitRequestParams {
        let Need { plugin, grant } = &self.need;
        let entries: Vec<String> = grant
            .entries()
            .into_iter()
            .map(|(key, value)| format!("{key}: {value}"))
            .collect();
        let message = format!(
            "The plugin {plugin} was refused something while the assistant called {}.\n\nIt would need:\n  {}\n\n{} Plugin: {} ({}). \
             To take it back later: `paracle-host grant list`.",
            self.tool,
            entries.join("\n  "),
            if self.repeatable {
                "Nothing of the call was kept. If you allow it, the call is made again."
            } else {
                "The call had reached out before it was refused. If you allow it, it is made again from its beginning, and does \
                 that a second time."
            },
            plugin,
            self.digest,
        );
        let choices = [
            ("no", "No"),
            ("once", "Once: for this call"),
            ("execution", "For this connection"),
            ("day", "For a day"),
            ("always", "Until I take it back"),
        ];
        let (values, titles): (Vec<String>, Vec<String>) = choices
            .iter()
            .map(|(value, title)| ((*value).to_owned(), (*title).to_owned()))
            .unzip();
        let choice = EnumSchema::builder(values);
        let choice = match choice.enum_titles(titles) {
            Ok(choice) => choice.title("Allow it?").build(),
            // There is a title for each value.
            Err(_) => EnumSchema::builder(vec!["no".to_owned()]).build(),
        };
        ElicitRequestParams::FormElicitationParams {
            meta: None,
            message,
            requested_schema: ElicitationSchema::new(BTreeMap::from([(
                FIELD.to_owned(),
                rmcp::model::PrimitiveSchemaDefinition::Enum(choice),
            )]))
            .with_required(vec![FIELD.to_owned()]),
        }
    }
}

/// Returns the refusal that a call failed by, if the operator's word was what it lacked.
fn decisive(done: &Result<Receipt, CallError>) -> Option<&Denied> {
    let by_operator =
        |denied: &&Denied| denied.missing == Party::Operator && denied.needs.is_some();
    match done {
        Ok(receipt) => {
            receipt.reply.error()?;
            receipt
                .reply
                .denied()
                .filter(by_operator)
                .or_else(|| receipt.refused.iter().rfind(by_operator))
        }
        Err(CallError::Denied(denied)) => Some(denied).filter(by_operator),
        Err(_) => None,
    }
}

/// Tells whether a call that failed can be made again as if it had not been: its tree was given up, but what it sent, wrote into
/// granted directories or had other plugins do stays done.
fn is_repeatable(receipt: &Receipt) -> bool {
    receipt.usage.http_out == 0
        && receipt.grant.sockets.is_empty()
        && receipt.grant.tools.is_empty()
        && receipt.grant.completions.is_empty()
        && !receipt.directories.iter().any(DirectoryUse::changed)
}

/// Returns what a question is bound to: an answer serves the same call alone.
fn bound(tool: &str, arguments: &serde_json::Value) -> String {
    format!("{tool} {}", Digest::of(arguments.to_string().as_bytes()))
}

/// Returns for how long the person agreed; none where they did not.
fn scope(answer: &ElicitResult, execution: &ExecutionId) -> Option<Scope> {
    if answer.action != ElicitationAction::Accept {
        return None;
    }
    match answer.content.as_ref()?.get(FIELD)?.as_str()? {
        "once" => Some(Scope::Once),
        "execution" => Some(Scope::Execution(execution.clone())),
        "day" => jiff::Timestamp::now()
            .checked_add(jiff::SignedDuration::from_hours(24))
            .ok()
            .map(Scope::Until),
        "always" => Some(Scope::Always),
        _ => None,
    }
}
