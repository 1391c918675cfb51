//! A fixture that looks for files outside what it was given. It asks for no grant and reports what it finds.

use paracle_plugin_sdk::prelude::*;
use std::{fs, io};

/// What came of a try.
#[derive(Serialize, JsonSchema)]
struct Outcome {
    /// Whether it worked.
    ok: bool,
    /// What was found, or the error.
    detail: String,
}

fn report(tried: io::Result<String>) -> Json<Outcome> {
    Json::new(match tried {
        Ok(detail) => Outcome { ok: true, detail },
        Err(error) => Outcome {
            ok: false,
            detail: format!("{:?}: {error}", error.kind()),
        },
    })
}

/// Tries to read a file.
#[derive(Deserialize, JsonSchema)]
struct TryRead {
    path: String,
}

impl Tool for TryRead {
    const NAME: &str = "try_read";
    type Output = Json<Outcome>;

    fn call(self, _: &mut Context) -> Result<Json<Outcome>, ToolError> {
        Ok(report(
            fs::read(&self.path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        ))
    }
}

/// Tries to list a folder.
#[derive(Deserialize, JsonSchema)]
struct TryList {
    path: String,
}

impl Tool for TryList {
    const NAME: &str = "try_list";
    type Output = Json<Outcome>;

    fn call(self, _: &mut Context) -> Result<Json<Outcome>, ToolError> {
        let list = || {
            let mut names = Vec::new();
            for entry in fs::read_dir(&self.path)? {
                names.push(entry?.file_name().to_string_lossy().into_owned());
            }
            names.sort();
            Ok(names.join("\n"))
        };
        Ok(report(list()))
    }
}

/// Tries to write a file.
#[derive(Deserialize, JsonSchema)]
struct TryWrite {
    path: String,
    #[serde(default)]
    content: String,
}

impl Tool for TryWrite {
    const NAME: &str = "try_write";
    type Output = Json<Outcome>;

    fn call(self, _: &mut Context) -> Result<Json<Outcome>, ToolError> {
        Ok(report(
            fs::write(&self.path, &self.content).map(|()| "written".into()),
        ))
    }
}

paracle_plugin_sdk::export!(tools: [TryRead, TryList, TryWrite]);
