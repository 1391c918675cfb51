//! A question to the person: what a call was refused, to whom it would be granted, and why.
//!
//! How it is asked, and what comes of the answer, is in `asking.rs`.

use serde_json::json;

use crate::flow::{CallError, GiveError, Host, Meant};
use crate::grants::{By, Scope};
use crate::model::{
    ClientRequest, Denied, Digest, DirectoryUse, ExecutionId, Grant, Need, Party,
    Question as Asked, Receipt, ToolPath,
};

/// The name of the question, and of its one field.
pub(super) const FIELD: &str = "allow";

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    need: Need,
    /// The plugin's bytes.
    digest: Digest,
    /// What it is configured with.
    configured: Digest,
    pub(super) tool: String,
    /// What the caller reads if the person says no.
    refusal: String,
    /// Whether the call can be made again as if it had not been: it reached nothing beyond its tree.
    repeatable: bool,
}

impl Question {
    /// Makes the question that a call leads to, if a grant would have helped it.
    pub(super) fn after(
        host: &Host,
        tool: &ToolPath,
        done: &Result<Receipt, CallError>,
    ) -> Option<Self> {
        let denied = decisive(done)?;
        let need = denied.needs.as_deref()?;
        let registry = host.registry();
        let plugin = registry.get(&need.plugin)?;
        Some(Self {
            need: need.clone(),
            digest: plugin.component.digest,
            configured: plugin.configured,
            tool: tool.to_string(),
            refusal: denied.to_string(),
            repeatable: done.as_ref().is_ok_and(is_repeatable),
        })
    }

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
        let plugin = registry.get(&self.need.plugin).filter(|plugin| {
            plugin.component.digest == self.digest && plugin.configured == self.configured
        });
        let Some(plugin) = plugin else {
            return Ok(());
        };
        if scope == Scope::Once && plugin.info.name == path.plugin {
            host.give_once(plugin, &self.need.grant);
            *allowed = std::mem::take(allowed).union(&self.need.grant);
        } else {
            // An answer does not say that code is meant to be written where it runs.
            let meant = Meant::default();
            host.give(plugin, self.need.grant.clone(), scope, By::Answer, meant)?;
        }
        Ok(())
    }

    /// Returns what the caller reads where the person does not agree.
    pub(super) fn refusal(&self) -> &str {
        &self.refusal
    }

    /// Tells whether what it asks for was granted meanwhile.
    pub(super) fn is_granted(&self, host: &Host, execution: &ExecutionId) -> bool {
        let registry = host.registry();
        registry.get(&self.need.plugin).is_some_and(|plugin| {
            let standing = host.standing(plugin, Some(execution), None);
            standing.is_ok_and(|standing| standing.operator_allows(&self.need.grant))
        })
    }

    pub(super) fn key(&self) -> String {
        format!(
            "{} {} {} {}",
            self.need.plugin, self.digest, self.configured, self.need.grant
        )
    }

    /// Says what, to whom, why and for how long. Every word is the host's own.
    pub(super) fn form(&self) -> Asked {
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
        let choices: Vec<_> = choices
            .iter()
            .map(|(value, title)| json!({ "const": value, "title": title }))
            .collect();
        let schema = json!({
            "type": "object",
            "properties": {
                FIELD: { "type": "string", "title": "Allow it?", "oneOf": choices },
            },
            "required": [FIELD],
        });
        Asked {
            key: FIELD.to_owned(),
            request: ClientRequest::Form {
                message,
                schema: match schema {
                    serde_json::Value::Object(schema) => schema,
                    // It is one, above.
                    _ => serde_json::Map::new(),
                },
            },
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
