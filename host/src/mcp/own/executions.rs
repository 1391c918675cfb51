//! The tools that look at a caller's executions, and give them up.

use std::fmt::Write as _;

use rmcp::model::{CallToolResult, ContentBlock};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::tools::{OwnError, arguments};
use crate::flow::{CallError, Difference};
use crate::mcp::caller::Caller;
use crate::mcp::clean;
use crate::model::{Changed, Edit, ExecutionId, ExecutionInfo, ExecutionLog};

/// The longest path that is shown, in characters.
const LONGEST_PATH: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    #[serde(default)]
    execution: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(default)]
    execution: Option<String>,
    #[serde(default)]
    checkpoint: Option<String>,
}

type Done = Result<CallToolResult, OwnError>;

fn answer(text: String, structured: Value) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(structured);
    result
}

/// Finds the execution that is meant, among the caller's own.
fn which(caller: &Caller, named: Option<String>) -> Result<ExecutionId, OwnError> {
    let Some(named) = named else {
        return Ok(caller.execution());
    };
    let mut executions = caller.executions().into_iter();
    executions.find(|id| id.as_str() == named).ok_or_else(|| {
        OwnError::Arguments(format!(
            "{:?} is none of your executions: execution_list shows them",
            clean::line(&named, LONGEST_PATH)
        ))
    })
}

pub(super) async fn list(caller: &Caller, given: Map<String, Value>) -> Done {
    let Nothing {} = arguments(given)?;
    let mut executions: Vec<ExecutionInfo> = Vec::new();
    for id in caller.executions() {
        executions.extend(caller.host.execution_info(&id).await?);
    }
    let mut text = String::new();
    for info in &executions {
        let record = &info.record;
        // Writing into a text does not fail.
        let _ = writeln!(
            text,
            "{}: {} checkpoint(s) on {}",
            record.id, info.commit_count, record.branch
        );
    }
    let next = caller.execution();
    if !executions.iter().any(|info| info.record.id == next) {
        let _ = writeln!(text, "{next}: nothing was changed yet");
    }
    Ok(answer(text, json!({ "executions": executions })))
}

pub(super) async fn diff(caller: &Caller, given: Map<String, Value>) -> Done {
    let Part {
        execution,
        checkpoint,
    } = arguments(given)?;
    let id = which(caller, execution)?;
    let most = caller.host.settings().mcp.result_chars;
    let diff = caller.host.execution_diff(&id, checkpoint, most).await?;
    let Difference { edits, patch, cut } = diff.unwrap_or_default();
    let mut text = summary(&edits);
    text.push_str(&patch);
    if cut {
        text.push_str("\nCut: `checkpoint` shows the changes of one call.\n");
    }
    let changed = shown(&edits);
    Ok(answer(
        text,
        json!({ "execution": id, "changed": changed, "patch": patch, "cut": cut }),
    ))
}

/// Paths come from plugins: they are cleaned.
fn shown(edits: &[Edit]) -> Vec<Edit> {
    let shown = |edit: &Edit| Edit {
        path: clean::line(&edit.path, LONGEST_PATH),
        kind: edit.kind,
    };
    edits.iter().map(shown).collect()
}

fn summary(edits: &[Edit]) -> String {
    match edits.len() {
        0 => "Nothing was changed.\n".to_owned(),
        1 => "1 file was changed.\n".to_owned(),
        more => format!("{more} files were changed.\n"),
    }
}

pub(super) async fn log(caller: &Caller, given: Map<String, Value>) -> Done {
    let Which { execution } = arguments(given)?;
    let id = which(caller, execution)?;
    let log = caller.host.execution_log(&id).await?;
    let checkpoints = log.as_ref().map_or(&[][..], |log| &log.checkpoints);
    let structured = json!({ "execution": id, "checkpoints": checkpoints });
    Ok(answer(told(log.as_ref()), structured))
}

/// Says a log in lines.
pub(super) fn told(log: Option<&ExecutionLog>) -> String {
    let checkpoints = log.map_or(&[][..], |log| &log.checkpoints);
    if checkpoints.is_empty() {
        return "Nothing was changed yet.\n".to_owned();
    }
    let mut text = String::new();
    for checkpoint in checkpoints {
        let _ = writeln!(
            text,
            "{} {} {} {}: {} file(s)",
            checkpoint.number,
            checkpoint.commit,
            checkpoint.time,
            clean::line(checkpoint.tool.as_deref().unwrap_or("-"), LONGEST_PATH),
            checkpoint.changed
        );
    }
    text
}

pub(super) async fn discard(caller: &Caller, given: Map<String, Value>) -> Done {
    let Which { execution } = arguments(given)?;
    let id = which(caller, execution)?;
    let record = caller.host.discard_execution(&id).await?;
    let discarded = record.is_some();
    let text = if discarded {
        ended(caller, &id);
        format!("Execution {id} was given up. Your next call begins another one.")
    } else {
        format!("Execution {id} changed nothing.")
    };
    let next = caller.execution();
    Ok(answer(
        text,
        json!({ "execution": id, "discarded": discarded, "next": next }),
    ))
}

pub(super) async fn merge(caller: &Caller, given: Map<String, Value>) -> Done {
    let Which { execution } = arguments(given)?;
    let id = which(caller, execution)?;
    let merge = caller.host.merge_execution(&id).await;
    let busy = matches!(merge, Err(CallError::Execution(_)));
    let (merged, told) = match merge {
        Ok(Some(merge)) => (merge.merged, merge.told),
        Ok(None) => (false, "it changed nothing".to_owned()),
        Err(error) if busy => (false, error.to_string()),
        Err(error) => return Err(error.into()),
    };
    if merged {
        ended(caller, &id);
    }
    let next = caller.execution();
    let text = if merged {
        format!("Execution {id} was {told}. Your next call begins another one.")
    } else {
        format!("Execution {id} was not merged: {told}")
    };
    Ok(answer(
        text,
        json!({ "execution": id, "merged": merged, "told": told, "next": next }),
    ))
}

fn ended(caller: &Caller, id: &ExecutionId) {
    caller.begin_another(id);
    caller.host.announce(Changed::Resources);
}
