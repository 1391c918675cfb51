//! `run agent:NAME`: an agent in an execution of its own.

use std::sync::Arc;

use paracle_host::flow::Host;
use paracle_host::model::{Caller, PartOf, PlanName};
use paracle_host::orchestrate::{self, Done, Spent, Task, Wanted};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::call::Run;
use super::{ended, person, signal};
use crate::context::Context;
use crate::exit::Failure;
use crate::{log, output};

/// Runs an agent.
pub(super) async fn run(
    run: Run,
    name: &PlanName,
    context: &Context,
    host: &Arc<Host>,
) -> Result<(), Failure> {
    let text = run.pairs.join(" ");
    if text.trim().is_empty() {
        return Err(Failure::usage(format!(
            "say what agent {name} is to do: paracle-host run agent:{name} \"TASK\""
        )));
    }
    let agents = orchestrate::agents(host)?;
    let agent = orchestrate::find_agent(&agents, name.as_str())?;
    for warning in &agents.warnings {
        tracing::warn!("{warning}");
    }
    let merge = run.merge;
    let (id, included) = run.beginning.begin(host).await?;
    let cancel = CancellationToken::new();
    signal::cancel(cancel.clone());
    let task = Task {
        agent,
        only: Vec::new(),
        text,
        wanted: Wanted::Text,
        execution: id.clone(),
        caller: Caller::Person,
        part_of: PartOf::default(),
        cancel,
        client: person::link(),
    };
    let done = task.run(host).await;
    log::status("");
    let completion = ended::end(host, &id, done.is_ok(), merge).await;
    let failure = done.as_ref().err().map(Failure::of_agent);
    if context.json {
        let done = done.ok();
        output::json(&json!({
            "execution": id,
            "agent": name,
            "text": done.as_ref().map(|done| &done.text),
            "model": done.as_ref().map(|done| &done.model),
            "spent": done.as_ref().map(|done| &done.spent),
            "refused": done.as_ref().map(|done| &done.refused),
            "notes": done.as_ref().map(|done| &done.notes),
            "included": included,
            "completed": completion.json(),
            "error": failure.as_ref().map(Failure::json),
        }))?;
        return failure.map_or(Ok(()), |failure| Err(failure.told()));
    }
    if let Ok(done) = &done {
        output::text(&done.text)?;
        for line in lines(done) {
            output::tell(&output::printable(&line));
        }
    }
    let ended = ended::tell(&id, &completion);
    failure.map_or(ended, Err)
}

fn lines(done: &Done) -> Vec<String> {
    let mut lines = vec![format!("{} answered: {}", done.model, spent(&done.spent))];
    lines.extend(done.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(
        done.refused
            .iter()
            .map(|denied| format!("refused: {denied}")),
    );
    lines
}

/// Says what a run took.
pub(super) fn spent(spent: &Spent) -> String {
    let cost = spent
        .cost
        .map_or_else(String::new, |cost| format!(", {cost:.6} USD"));
    format!(
        "{} turns, {} tool calls, {} tokens read, {} written{cost}",
        spent.turns, spent.calls, spent.prompt_tokens, spent.completion_tokens
    )
}
