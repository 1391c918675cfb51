//! `init`: makes a repository ready.

use paracle_host::execution::{ExecutionError, Executions};
use paracle_host::flow::{self, Initialised};
use paracle_host::git::{GitError, Repo};

use crate::context::Context;
use crate::exit::Failure;
use crate::output;
use crate::samples::SAMPLES;

/// Makes a folder ready: writes .parac with its configuration, and with --samples plugins to begin with
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What is there already is kept, so running it twice changes nothing.

Example:
  paracle-host init --samples")]
pub(crate) struct Init {
    /// Writes the sample plugins too, and the grants that they need
    #[arg(long)]
    samples: bool,
}

impl Init {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        if self.samples && SAMPLES.is_empty() {
            return Err(Failure::usage(
                "this paracle-host was built without samples: run `init` without --samples",
            ));
        }
        let folder = context.folder()?;
        let repository = Repo::discover(&folder).ok();
        let root = match (context.only()?, &repository) {
            (None, Some(repository)) => repository.workdir().unwrap_or(&folder).to_owned(),
            _ => folder,
        };
        let samples = if self.samples { SAMPLES } else { &[] };
        let done = flow::init(&root, samples)?;
        if context.json {
            return output::json(&done);
        }
        output::say(&said(&done))?;
        if !done.written.is_empty() {
            output::say(COMMIT_IT)?;
        }
        output::say(&next(repository.as_ref(), self.samples))
    }
}

/// What is whose.
const COMMIT_IT: &str = "\
Commit .parac/config: it is the project's, and no place for secrets. Commit .parac/plugins where others shall have the same plugins; each
person approves on their own machine what those may reach beyond the repository. The host itself writes nothing into .parac.";

/// Says what to do next, in commands that work one after the other.
fn next(repository: Option<&Repo>, samples: bool) -> String {
    // Executions begin with a commit; what is in it does not matter.
    const COMMIT: &str = "`git commit --allow-empty --message=first`";
    let missing = match repository {
        None => format!(
            "This folder is not in a git repository, and plugins that change files need one with a commit: `git init`, {COMMIT}.\n"
        ),
        Some(repository) if has_no_commit(repository) => {
            format!(
                "This repository has no commit yet, and what plugins do begins with one: {COMMIT}.\n"
            )
        }
        Some(_) => String::new(),
    };
    let next = if samples {
        "`paracle-host plugin list`, `paracle-host run hello__greet name=you`, \
         `paracle-host run files__write path=NOTES.md content=hi`, `paracle-host mcp config`."
    } else {
        "put components into .parac/plugins, or run `paracle-host init --samples`; then `paracle-host plugin list`."
    };
    let then = if missing.is_empty() { "Next" } else { "Then" };
    format!("{missing}{then}: {next}")
}

fn has_no_commit(repository: &Repo) -> bool {
    matches!(
        Executions::new(repository.clone()).base(None),
        Err(ExecutionError::Git(GitError::Unborn { .. }))
    )
}

fn said(done: &Initialised) -> String {
    let mut lines: Vec<String> = done
        .written
        .iter()
        .map(|path| format!("wrote {}", path.display()))
        .collect();
    if done.written.is_empty() {
        lines.push("nothing to write: all of it is there".to_owned());
    }
    if !done.granted.is_empty() {
        lines.push("granted, in .parac/config/plugins.yaml:".to_owned());
        lines.extend(done.granted.iter().map(|grant| format!("  {grant}")));
    }
    if let Some(missing) = &done.missing {
        lines.push("your .parac/config/plugins.yaml was kept; add under its `plugins:` what the samples need:".to_owned());
        lines.push(missing.trim_end().to_owned());
    }
    lines.join("\n")
}
