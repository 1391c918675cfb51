//! `run workflow:NAME`: its steps, one commit each.

use std::sync::Arc;

use paracle_host::flow::Host;
use paracle_host::model::{Caller, ExecutionId, PlanName};
use paracle_host::orchestrate::{self, StepEnd, Told, WorkflowReport};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::call::Run;
use super::{agent, arguments, ended, person, signal};
use crate::commands::workflow::graph;
use crate::context::Context;
use crate::exit::Failure;
use crate::{log, output};

/// Runs a workflow, or goes on with one.
pub(super) async fn run(
    run: Run,
    name: &PlanName,
    given: Option<Value>,
    context: &Context,
    host: &Arc<Host>,
) -> Result<(), Failure> {
    let plan = Arc::new(orchestrate::plan(host, name.as_str())?);
    for warning in &plan.warnings {
        tracing::warn!("{warning}");
    }
    let inputs = match (given, &run.resume) {
        (None, Some(_)) if run.pairs.is_empty() => None,
        (_, Some(id)) => {
            return Err(Failure::usage(format!(
                "execution {id} has its inputs since it began: leave them out to go on with it"
            )));
        }
        (Some(given), None) => Some(given),
        (None, None) => Some(arguments::from_pairs(&run.pairs, Some(&plan.schema()))?),
    };
    let inputs = match inputs {
        Some(Value::Object(given)) => Some(plan.inputs(given)?),
        Some(_) | None => None,
    };
    if run.only_shows {
        return graph::show(context, &plan);
    }
    let merge = run.merge;
    let (id, resumes) = match run.resume {
        Some(id) => (id, true),
        None => (run.beginning.begin(host).await?.0, false),
    };
    let cancel = CancellationToken::new();
    signal::cancel(cancel.clone());
    let quiet = context.json;
    let doing = orchestrate::Run {
        execution: id.clone(),
        caller: Caller::Person,
        cancel,
        client: person::link(),
        tell: Box::new(move |told| {
            if !quiet {
                tell(&told);
            }
        }),
    };
    let report = match (resumes, inputs) {
        (false, inputs) => plan.run(host, doing, inputs.unwrap_or_default()).await,
        (true, _) => plan.resume(host, doing).await,
    };
    log::status("");
    let report = report?;
    end(context, host, &id, &report, merge).await
}

async fn end(
    context: &Context,
    host: &Arc<Host>,
    id: &ExecutionId,
    report: &WorkflowReport,
    merge: bool,
) -> Result<(), Failure> {
    let completion = ended::end(host, id, report.success, merge).await;
    let begun = report.steps.iter().any(|step| step.commit.is_some());
    let failure = report.error.as_ref().map(|error| {
        let name = &report.workflow;
        let next = if begun {
            format!(
                "; once that is mended, `paracle-host run workflow:{name} --resume {id}` goes on"
            )
        } else {
            String::new()
        };
        Failure::failed(format!("workflow {name}: {error}{next}"))
    });
    if context.json {
        let mut document = json!(report);
        if let Value::Object(document) = &mut document {
            document.insert("completed".to_owned(), completion.json());
            document.insert(
                "error".to_owned(),
                json!(failure.as_ref().map(Failure::json)),
            );
        }
        output::json(&document)?;
        return failure.map_or(Ok(()), |failure| Err(failure.told()));
    }
    if !report.outputs.is_empty() {
        output::text(&format!("{:#}", Value::Object(report.outputs.clone())))?;
    }
    let done = report
        .steps
        .iter()
        .filter(|step| matches!(step.end, StepEnd::Done | StepEnd::Before));
    output::tell(&format!(
        "workflow {}: {} of {} steps done; {}",
        report.workflow,
        done.count(),
        report.steps.len(),
        agent::spent(&report.spent)
    ));
    let ended = ended::tell(id, &completion);
    failure.map_or(ended, Err)
}

/// Says what happens, a line each.
fn tell(told: &Told<'_>) {
    let line = match told {
        Told::Began { step } => format!("{step}: begins"),
        Told::Again { step, error, took } => format!(
            "{step}: failed after {:.1} s and is tried again: {error}",
            took.as_secs_f64()
        ),
        Told::Ended { step } => {
            #[expect(clippy::cast_precision_loss, reason = "a time for people")]
            let seconds = step.time_ms as f64 / 1000.0;
            match (&step.commit, &step.error) {
                (Some(commit), _) => {
                    let commit: String = commit.as_str().chars().take(10).collect();
                    format!("{}: done in {seconds:.1} s, commit {commit}", step.id)
                }
                (None, error) => {
                    let error = error.as_deref().unwrap_or_default();
                    format!("{}: failed after {seconds:.1} s: {error}", step.id)
                }
            }
        }
    };
    output::tell(&output::printable(&line));
    if let Told::Ended { step } = told {
        for note in &step.notes {
            output::tell(&output::printable(&format!("  note: {note}")));
        }
    }
}
