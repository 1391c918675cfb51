//! Pushes at the host with what it returns, holds and says.

use paracle_plugin_sdk::host::{log, progress, tools};
use paracle_plugin_sdk::output::{Content, Output, ResourceLink};
use paracle_plugin_sdk::prelude::*;
use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

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
            "swallow" => {
                for line in 0..n {
                    // Whatever becomes of it.
                    writeln!(io::stderr(), "line {line} {}", "x".repeat(200)).unwrap_or_default();
                }
                Ok(Output::text("said"))
            }
            "log" => {
                for line in 0..n {
                    log::info("hostile", format!("line {line} {}", "x".repeat(200)));
                }
                Ok(Output::text("said"))
            }
            "spin" => {
                eprintln!("it spins");
                loop {
                    std::hint::black_box(0);
                }
            }
            "sleep" => {
                eprintln!("it sleeps");
                std::thread::sleep(std::time::Duration::from_hours(24));
                Ok(Output::text("slept"))
            }
            "call" => {
                eprintln!("it calls");
                // It is told, and goes on: one that stopped by itself could still answer.
                loop {
                    progress::cancelled();
                }
            }
            "files" | "files-swallow" => {
                fs::create_dir_all(&self.path)?;
                for file in 0..n {
                    match fs::write(format!("{}/{file}", self.path), "x\n") {
                        Err(_) if self.what == "files-swallow" => {}
                        written => written?,
                    }
                }
                Ok(Output::text("written"))
            }
            "fill" => {
                let mut file = fs::File::create(&self.path)?;
                for _ in 0..n / 1024 {
                    file.write_all(&[b'x'; 1024])?;
                }
                Ok(Output::text("filled"))
            }
            "sparse" | "sparse-swallow" => {
                let mut file = fs::File::create(&self.path)?;
                file.seek(SeekFrom::Start(n as u64))?;
                match file.write_all(b"x") {
                    Err(_) if self.what == "sparse-swallow" => {}
                    written => written?,
                }
                Ok(Output::text("written"))
            }
            "handles" => {
                let mut held = Vec::new();
                for _ in 0..n {
                    held.push(fs::File::open(&self.path)?);
                }
                Ok(Output::text(format!("held {}", held.len())))
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
