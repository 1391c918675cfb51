//! Pushes at the host with what it returns, holds and says.

use std::fs;
use std::io::Read as _;

use paracle_plugin_sdk::host::tools;
use paracle_plugin_sdk::output::{Content, Output, ResourceLink};
use paracle_plugin_sdk::prelude::*;

use crate::Hostile;

/// Pushes.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Push {
    /// At what.
    what: String,
    /// How much.
    #[serde(default)]
    n: usize,
    /// Where.
    #[serde(default)]
    path: String,
}

impl Tool<Hostile> for Push {
    const NAME: &str = "push";
    type Output = Output;

    fn call(self, _: &mut Context<'_, Hostile>) -> Result<Output, ToolError> {
        let n = self.n;
        match self.what.as_str() {
            "list" => {
                let mut held = Vec::new();
                for _ in 0..n {
                    let mut names = fs::read_dir(&self.path)?;
                    names.next();
                    held.push(names);
                }
                Ok(Output::text(format!("held {}", held.len())))
            }
            "hold" => {
                let mut held = Vec::new();
                for entry in fs::read_dir(&self.path)?.take(n) {
                    let mut file = fs::File::open(entry?.path())?;
                    file.read_exact(&mut [0])?;
                    held.push(file);
                }
                Ok(Output::text(format!("held {}", held.len())))
            }
            "structured" => Ok(Output {
                content: Vec::new(),
                structured: Some(format!("[0{}]", ",0".repeat(n / 2))),
            }),
            "link" => Ok(Output {
                content: vec![Content::Link(ResourceLink {
                    uri: "x:y".into(),
                    name: "n".into(),
                    description: Some("d".repeat(n)),
                    mime_type: None,
                })],
                structured: None,
            }),
            "parts" => Ok(Output {
                content: vec![Content::Text(String::new()); n],
                structured: None,
            }),
            "error" => Err(ToolError::Runtime("e".repeat(n))),
            "say" => {
                for line in 0..n {
                    eprintln!("line {line} {}", "x".repeat(200));
                }
                Ok(Output::text("said"))
            }
            "write" => {
                fs::write(&self.path, "written\n")?;
                Ok(Output::text("written"))
            }
            "remove" => {
                fs::remove_file(&self.path)?;
                Ok(Output::text("removed"))
            }
            "rename" => {
                fs::rename(&self.path, "/workspace/elsewhere")?;
                Ok(Output::text("renamed"))
            }
            "stack" => Ok(Output::text(deep(n as u64).to_string())),
            "relay" => Ok(tools::call(
                &self.path,
                &json!({"what": "relay", "path": self.path}),
            )?),
            // Calls the other one, which calls back.
            "mutual" => Ok(tools::call("masks__noop", &json!({}))?),
            "giant" => Ok(Output::text("g".repeat(n))),
            "arguments" => {
                let many = Value::Array(vec![json!(0); n]);
                Ok(tools::call(&self.path, &json!({"what": many}))?)
            }
            what => Err(ToolError::Runtime(format!("no such push: {what}"))),
        }
    }
}

#[expect(unconditional_recursion, reason = "the stack is what it pushes at")]
fn deep(n: u64) -> u64 {
    std::hint::black_box(deep(std::hint::black_box(n + 1)) + n)
}
