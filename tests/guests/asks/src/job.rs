//! Calls that may become tasks.

use std::thread::sleep;
use std::time::Duration;

use paracle_plugin_sdk::host::{ask, progress};
use paracle_plugin_sdk::prelude::*;
use paracle_plugin_sdk::tool::TaskSupport;

use super::{Asks, form, named};

/// Works in steps, each where it is asked for.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Job {
    /// Asks for a name at the beginning.
    #[serde(default)]
    first: bool,
    /// Goes on as a task.
    #[serde(default)]
    task: bool,
    /// Says how far it is, and sleeps.
    #[serde(default)]
    ms: u64,
    /// Asks two things at once.
    #[serde(default)]
    two: bool,
    /// `error` answers with an error, `panic` breaks, `endless` never ends.
    end: Option<String>,
    /// Writes this file.
    writes: Option<String>,
}

impl Tool<Asks> for Job {
    const NAME: &str = "job";
    const TASK: TaskSupport = TaskSupport::Optional;
    type Output = String;

    fn call(self, cx: &mut Context<'_, Asks>) -> Result<String, ToolError> {
        let mut said = String::from("done");
        if self.first {
            let [who] = ask::all([("who", form("Who are you?"))])?;
            said = format!("{said} for {}", named(who)?);
        }
        if self.task {
            progress::continue_as_task();
        }
        progress::report(1, Some(2), "half way");
        sleep(Duration::from_millis(self.ms));
        if self.two {
            let [one, two] = ask::all([("one", form("The first?")), ("two", form("The second?"))])?;
            said = format!("{said} with {} and {}", named(one)?, named(two)?);
        }
        if let Some(path) = self.writes {
            std::fs::write(cx.workspace()?.join(path), "written").map_err(ToolError::runtime)?;
        }
        match self.end.as_deref() {
            Some("error") => Err(ToolError::runtime("it went wrong")),
            Some("panic") => panic!("on purpose"),
            Some(_) => loop {
                if progress::cancelled() {
                    return Err(ToolError::Cancelled);
                }
                sleep(Duration::from_millis(5));
            },
            None => Ok(said),
        }
    }
}

/// Can only be called by who knows tasks.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Must {}

impl Tool<Asks> for Must {
    const NAME: &str = "must";
    const TASK: TaskSupport = TaskSupport::Required;
    type Output = String;

    fn call(self, _: &mut Context<'_, Asks>) -> Result<String, ToolError> {
        progress::continue_as_task();
        Ok("done".to_owned())
    }
}
