//! Tools that say that something changed, or much.

use std::sync::atomic::Ordering;

use paracle_plugin_sdk::host::changes;
use paracle_plugin_sdk::output::{Content, Media, Output};
use paracle_plugin_sdk::prelude::*;
use paracle_plugin_sdk::tool::{Icon, TaskSupport, ToolInfo};

use super::{FAILS, OTHERS, Offers, changed};

/// Offers other things from now on, and says so.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Change {
    /// Which list: tools, prompts, resources, or `fails`.
    what: String,
}

impl Tool<Offers> for Change {
    const NAME: &str = "change";
    type Output = String;

    fn call(self, _: &mut Context<'_, Offers>) -> Result<String, ToolError> {
        match self.what.as_str() {
            "fails" => FAILS.store(true, Ordering::Relaxed),
            "tools" => {
                OTHERS.store(true, Ordering::Relaxed);
                changes::tools();
            }
            "prompts" => {
                OTHERS.store(true, Ordering::Relaxed);
                changes::prompts();
            }
            _ => changes::resources(),
        }
        Ok("changed".to_owned())
    }
}

/// Greets; another `greet` is in `hello`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Greet {}

impl Tool<Offers> for Greet {
    const NAME: &str = "greet";
    const TITLE: &str = "Greet\u{202e} somebody";
    const TASK: TaskSupport = TaskSupport::Optional;
    type Output = String;

    fn describe(info: &mut ToolInfo) {
        info.icons.push(Icon {
            src: "https://example.com/icon.png".to_owned(),
            mime_type: Some("image/png".to_owned()),
            sizes: vec!["48x48".to_owned()],
        });
        if changed() {
            info.description = "Greets in another way".to_owned();
        }
    }

    fn call(self, _: &mut Context<'_, Offers>) -> Result<String, ToolError> {
        Ok("offers greets".to_owned())
    }
}

/// Answers with many characters.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Long {
    /// How many.
    chars: usize,
}

impl Tool<Offers> for Long {
    const NAME: &str = "long";
    type Output = String;

    fn call(self, _: &mut Context<'_, Offers>) -> Result<String, ToolError> {
        let mut text = "é".repeat(self.chars.saturating_sub(1));
        text.push('!');
        Ok(text)
    }
}

/// Answers with a picture of some bytes, and a word.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Picture {
    /// How many.
    bytes: usize,
}

impl Tool<Offers> for Picture {
    const NAME: &str = "picture";
    type Output = Output;

    fn call(self, _: &mut Context<'_, Offers>) -> Result<Output, ToolError> {
        Ok(Output {
            content: vec![
                Content::Image(Media {
                    data: vec![0; self.bytes],
                    mime_type: "image/png".to_owned(),
                }),
                Content::Text("below".to_owned()),
            ],
            structured: None,
        })
    }
}

/// Says of addresses that they read differently.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Say {
    /// Which.
    uris: Vec<String>,
    /// How often.
    #[serde(default)]
    times: Option<u32>,
}

impl Tool<Offers> for Say {
    const NAME: &str = "say";
    type Output = String;

    fn call(self, _: &mut Context<'_, Offers>) -> Result<String, ToolError> {
        for _ in 0..self.times.unwrap_or(1) {
            for uri in &self.uris {
                changes::resource(uri);
            }
        }
        Ok("said".to_owned())
    }
}

/// Answers what it did not promise.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Unlike {
    /// `right`, `wrong` or `none`.
    how: String,
}

impl Tool<Offers> for Unlike {
    const NAME: &str = "unlike";
    type Output = Output;

    fn describe(info: &mut ToolInfo) {
        let schema =
            json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
        info.returns = Some(schema.to_string());
    }

    fn call(self, _: &mut Context<'_, Offers>) -> Result<Output, ToolError> {
        let structured = match self.how.as_str() {
            "right" => Some(json!({"n": 1})),
            "wrong" => Some(json!({"n": "one"})),
            _ => None,
        };
        Ok(Output {
            content: vec![Content::Text("answered".to_owned())],
            structured: structured.map(|value| value.to_string()),
        })
    }
}
