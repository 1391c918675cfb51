//! A workflow of many steps, and the calls of it alone.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use paracle_host::model::{Caller, ClientLink, ExecutionId};
use paracle_host::orchestrate::{Run, plan};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::{BenchHost, Failure, GeneratedRepository};

/// What the steps do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Nothing in the repository.
    Looks,
    /// Each writes a file.
    Writes,
}

impl Work {
    const fn name(self) -> &'static str {
        match self {
            Self::Looks => "looks",
            Self::Writes => "writes",
        }
    }

    const fn tool(self) -> &'static str {
        match self {
            Self::Looks => "hello__greet",
            Self::Writes => "files__write",
        }
    }

    fn arguments(self, step: usize) -> Value {
        match self {
            Self::Looks => json!({ "name": format!("s{step}") }),
            Self::Writes => json!({ "path": format!("made/{step}.txt"), "content": "made" }),
        }
    }
}

/// Writes a workflow's file: `wide` chains of steps beside each other.
pub fn define(
    repository: &GeneratedRepository,
    work: Work,
    steps: usize,
    wide: usize,
) -> Result<(), Failure> {
    let mut text = "steps:\n".to_owned();
    for step in 0..steps {
        let before = match step.checked_sub(wide) {
            Some(before) => format!(", depends_on: [s{before}]"),
            None => String::new(),
        };
        writeln!(
            text,
            "  - {{id: s{step}, tool: {}, inputs: {}{before}}}",
            work.tool(),
            work.arguments(step)
        )?;
    }
    let folder = repository.folder().join(".parac/workflows/definitions");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("{}.yaml", work.name())), text)?;
    Ok(())
}

impl BenchHost {
    /// Runs a workflow to its end, and throws its branch away; how long the run took.
    pub async fn workflow(&self, work: Work) -> Result<Duration, Failure> {
        let plan = Arc::new(plan(self.host(), work.name())?);
        let execution = ExecutionId::generate();
        let run = Run {
            execution: execution.clone(),
            caller: Caller::Person,
            cancel: CancellationToken::new(),
            client: ClientLink::default(),
            tell: Box::new(|_| {}),
        };
        let began = Instant::now();
        let report = plan.run(self.host(), run, Map::new()).await?;
        let took = began.elapsed();
        if let Some(error) = report.error {
            return Err(error.into());
        }
        self.discard(&execution).await?;
        Ok(took)
    }

    /// Makes the calls of a workflow's steps without it, in its order, in one execution.
    pub async fn calls_of(
        &self,
        work: Work,
        steps: usize,
        wide: usize,
    ) -> Result<Duration, Failure> {
        let execution = ExecutionId::generate();
        let began = Instant::now();
        let mut chains = tokio::task::JoinSet::new();
        for chain in 0..wide {
            let (host, execution) = (self.clone(), execution.clone());
            chains.spawn(async move {
                for step in (chain..steps).step_by(wide) {
                    let call = host.call(work.tool(), work.arguments(step), &execution);
                    Box::pin(call).await?;
                }
                Ok::<_, Failure>(())
            });
        }
        while let Some(chain) = chains.join_next().await {
            chain??;
        }
        let took = began.elapsed();
        if work == Work::Writes {
            self.discard(&execution).await?;
        }
        Ok(took)
    }
}
