//! A fixture that does everything with files that `std::fs` can, and says of each step whether it went as it must.

use paracle_plugin_sdk::prelude::*;
use std::path::PathBuf;

mod files;
mod folders;
mod links;
mod steps;
mod walls;

/// Works through the steps in a folder of the workspace, or of another root, and removes the folder.
#[derive(Deserialize, JsonSchema)]
struct Exercise {
    /// Leave the folder `exercise` behind, with a few files in it.
    #[serde(default)]
    keep: bool,
    /// Where to work; the workspace if absent.
    root: Option<PathBuf>,
}

#[derive(Serialize, JsonSchema)]
struct Report {
    /// Whether every step went as it must.
    ok: bool,
    steps: Vec<steps::Step>,
}

struct FsExercise;

impl Plugin for FsExercise {
    const CAPABILITIES: &[Capability] = &[Capability::FileAccess];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

impl Tool<FsExercise> for Exercise {
    const NAME: &str = "exercise";
    type Output = Json<Report>;

    fn call(self, cx: &mut Context<'_, FsExercise>) -> Result<Json<Report>, ToolError> {
        let root = match &self.root {
            Some(root) => root,
            None => cx.workspace()?,
        };
        let mut steps = steps::Steps::new(root.join("exercise"));
        folders::run(&mut steps);
        files::run(&mut steps);
        links::run(&mut steps);
        walls::run(&mut steps, root);
        if !self.keep {
            folders::clear(&mut steps);
        }
        let steps = steps.done;
        let wrong: Vec<&str> = steps
            .iter()
            .filter(|step| !step.ok)
            .map(|step| step.step)
            .collect();
        let text = format!(
            "{} steps, {} wrong: {}",
            steps.len(),
            wrong.len(),
            wrong.join(", ")
        );
        Ok(Json::new(Report {
            ok: wrong.is_empty(),
            steps,
        })
        .with_text(text))
    }
}

paracle_plugin_sdk::export!(tools: [Exercise], plugin: FsExercise);
