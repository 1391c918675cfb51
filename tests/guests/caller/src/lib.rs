//! A fixture that calls other plugins' tools and models, and says exactly how that went.

use paracle_plugin_sdk::chat::{ChatError, Message, Request, Role};
use paracle_plugin_sdk::host::{completions, tools};
use paracle_plugin_sdk::output::Content;
use paracle_plugin_sdk::prelude::*;

struct Caller;

impl Plugin for Caller {
    const CAPABILITIES: &[Capability] =
        &[Capability::Tools, Capability::Completions, Capability::Ask];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// Calls a tool and returns what came of it.
#[derive(Deserialize, JsonSchema)]
struct Relay {
    /// The tool's full name, `plugin__tool`.
    tool: String,
    /// Its arguments.
    #[serde(default)]
    arguments: serde_json::Map<String, Value>,
}

#[derive(Serialize, JsonSchema)]
struct Outcome {
    /// `ok`, or the error's case in the contract.
    outcome: &'static str,
    /// The texts of the answer, or the error's.
    detail: String,
    structured: Option<Value>,
    /// Of a refusal.
    capability: Option<String>,
    fix: Option<String>,
}

impl Tool<Caller> for Relay {
    const NAME: &str = "relay";
    type Output = Json<Outcome>;

    fn call(self, _: &mut Context<'_, Caller>) -> Result<Json<Outcome>, ToolError> {
        let answer = tools::call(&self.tool, &Value::Object(self.arguments));
        let error = |outcome, error: &ToolError| Outcome {
            outcome,
            detail: error.text(),
            structured: None,
            capability: None,
            fix: None,
        };
        Ok(Json::new(match answer {
            Ok(output) => Outcome {
                outcome: "ok",
                detail: text(&output),
                structured: output
                    .structured
                    .as_deref()
                    .map(serde_json::from_str)
                    .transpose()?,
                capability: None,
                fix: None,
            },
            Err(ToolError::Permission(denied)) => Outcome {
                outcome: "permission",
                detail: denied.message,
                structured: None,
                capability: Some(denied.capability.to_string()),
                fix: Some(denied.fix),
            },
            Err(e @ ToolError::UnknownTool(_)) => error("unknown-tool", &e),
            Err(e @ ToolError::InvalidValue(_)) => error("invalid-value", &e),
            Err(e @ ToolError::Runtime(_)) => error("runtime", &e),
            Err(e @ ToolError::Cancelled) => error("cancelled", &e),
        }))
    }
}

/// Lists the tools it may call.
#[derive(Deserialize, JsonSchema)]
struct Tools {}

impl Tool<Caller> for Tools {
    const NAME: &str = "tools";
    type Output = String;

    fn call(self, _: &mut Context<'_, Caller>) -> Result<String, ToolError> {
        let names: Vec<String> = tools::list()?.into_iter().map(|tool| tool.name).collect();
        Ok(names.join("\n"))
    }
}

/// Asks a model and returns what it said.
#[derive(Deserialize, JsonSchema)]
struct Ask {
    /// The provider plugin; the operator's default if there is none.
    provider: Option<String>,
    /// What is asked.
    prompt: String,
}

impl Tool<Caller> for Ask {
    const NAME: &str = "ask";
    type Output = Json<Outcome>;

    fn call(self, _: &mut Context<'_, Caller>) -> Result<Json<Outcome>, ToolError> {
        let request = Request::new("scripted", vec![Message::text(Role::User, self.prompt)]);
        let answer = completions::complete(self.provider.as_deref(), &request);
        Ok(Json::new(match answer {
            Ok(response) => Outcome {
                outcome: "ok",
                detail: response.to_text(),
                structured: None,
                capability: None,
                fix: None,
            },
            Err(ChatError::Permission(denied)) => Outcome {
                outcome: "permission",
                detail: denied.message,
                structured: None,
                capability: Some(denied.capability.to_string()),
                fix: Some(denied.fix),
            },
            Err(error) => Outcome {
                outcome: "failed",
                detail: format!("{error:?}"),
                structured: None,
                capability: None,
                fix: None,
            },
        }))
    }
}

fn text(output: &Output) -> String {
    output
        .content
        .iter()
        .filter_map(|part| {
            if let Content::Text(text) = part {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect()
}

paracle_plugin_sdk::export!(tools: [Relay, Tools, Ask], plugin: Caller);
