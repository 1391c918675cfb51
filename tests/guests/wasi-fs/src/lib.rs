//! A fixture that calls each function of `wasi:filesystem` as it is told, and says how each call ended: error codes as they
//! are, before any libc makes something else of them.

use paracle_plugin_sdk::prelude::*;
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};

mod data;
mod names;
mod run;
mod step;
mod undo;

struct WasiFs;

impl Plugin for WasiFs {
    const CAPABILITIES: &[Capability] = &[Capability::FileAccess];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// Works through sequences of steps, each in a directory of its own: `s0`, `s1` and so on.
#[derive(Deserialize, JsonSchema)]
struct Steps {
    /// A JSON text: a list of sequences.
    sequences: String,
    /// What stands before the names of those directories.
    #[serde(default)]
    under: String,
}

/// How each step of each sequence ended.
#[derive(Serialize, JsonSchema)]
struct Ended {
    ended: Vec<Vec<String>>,
}

impl Tool<WasiFs> for Steps {
    const NAME: &str = "steps";
    type Output = Json<Ended>;

    fn call(self, _: &mut Context<'_, WasiFs>) -> Result<Json<Ended>, ToolError> {
        let failed = |reason: String| ToolError::Runtime(reason);
        let sequences: Vec<Vec<step::Planned>> =
            serde_json::from_str(&self.sequences).map_err(|error| failed(error.to_string()))?;
        let (root, _) = preopens::get_directories()
            .into_iter()
            .next()
            .ok_or_else(|| failed("there is no directory".to_owned()))?;
        let mut ended = Vec::new();
        for (number, sequence) in sequences.iter().enumerate() {
            let dir = root
                .open_at(
                    PathFlags::SYMLINK_FOLLOW,
                    &format!("{}s{number}", self.under),
                    OpenFlags::DIRECTORY,
                    DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY,
                )
                .map_err(|code| failed(format!("s{number}: {}", code.name())))?;
            let mut run = run::Run::new(dir);
            ended.push(sequence.iter().map(|planned| run.step(planned)).collect());
        }
        Ok(Json::new(Ended { ended }).with_text("done"))
    }
}

paracle_plugin_sdk::export!(tools: [Steps], plugin: WasiFs);
