//! What a call left behind, shown.

use paracle_host::execution::{Completed, Included, MergeOutcome};
use paracle_host::flow::CallError;
use paracle_host::model::{
    CommitId, Content, Denied, DirectoryUse, Edit, ExecutionId, Landed, Members, Output, Receipt,
    Reply, counted, said_of,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// How the execution ended after its call.
#[derive(Debug)]
pub(super) enum Completion {
    /// It wrote nothing, so that nothing is left of it.
    Nothing,
    /// It is kept or merged.
    Done(Box<Members<Completed>>),
    /// It could not be completed; its branch is there.
    Failed(Failure),
}

impl Completion {
    pub(super) fn of(completed: Result<Option<Members<Completed>>, CallError>) -> Self {
        match completed {
            Ok(None) => Self::Nothing,
            Ok(Some(completed)) => Self::Done(Box::new(completed)),
            Err(error) => Self::Failed(error.into()),
        }
    }

    /// Says why a merge that was to be is not done.
    pub(super) fn unmerged(&self, id: &ExecutionId) -> Option<Failure> {
        let Self::Done(completed) = self else {
            return None;
        };
        match &**completed {
            Members::One(completed) => completed
                .merge
                .as_ref()
                .and_then(|merge| crate::commands::git::unmerged(id, merge)),
            Members::Several(several) => {
                let merged = several.iter().filter_map(|(name, completed)| {
                    let merge = completed.merge.clone()?;
                    Some((name.clone(), merge))
                });
                let mut records = several.iter().filter_map(|(_, one)| one.record.as_ref());
                let members = records.next().map_or(&[][..], |record| &record.members);
                crate::commands::git::none_merged(id, members, &merged.collect::<Vec<_>>())
            }
        }
    }

    /// Says where the changes of an execution are.
    pub(super) fn lines(&self, id: &ExecutionId) -> Vec<String> {
        let Self::Done(completed) = self else {
            return Vec::new();
        };
        let (mut lines, waits) = outcomes(id, completed);
        let record = completed.iter().find_map(|(_, one)| one.record.as_ref());
        if let (true, Some(record)) = (waits, record) {
            lines.push(format!("execution {id} on branch {}", record.branch));
            let target = if record.base_branch.is_some() {
                ""
            } else {
                " --target BRANCH"
            };
            lines.push(format!(
                "look: paracle-host execution diff {id}\ntake it over: paracle-host git merge {id}{target}"
            ));
        }
        lines
    }

    pub(super) fn json(&self) -> Value {
        let one = |completed: &Completed| {
            json!({
                "status": completed.record.as_ref().map(|record| record.status),
                "merge": completed.merge,
                "branch_deleted": completed.branch_deleted,
                "held_back": completed.held_back,
            })
        };
        match self {
            Self::Nothing => Value::Null,
            Self::Done(completed) => match &**completed {
                Members::One(completed) => one(completed),
                several @ Members::Several(_) => {
                    json!({ "repositories": several.as_ref().map(one) })
                }
            },
            Self::Failed(failure) => failure.document(),
        }
    }
}

/// A receipt as programs read it: what they look for first is at the top.
#[derive(Serialize)]
struct Document<'a> {
    execution: &'a str,
    branch: Option<&'a str>,
    base: Option<&'a str>,
    /// What differs between this and the commit is the call's own change.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a str>,
    commits: Vec<&'a str>,
    /// The ref that holds the commit where the branch does not have it yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<&'a str>,
    changed: Vec<Edit>,
    /// The same for each of several repositories; `branch` and `base` above are of none of them then.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    repositories: &'a [Landed],
    /// What it changed and is nowhere.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    given_up: &'a [Edit],
    plugin: &'a str,
    version: &'a semver::Version,
    digest: String,
    tool: &'a str,
    call: String,
    grant: &'a paracle_host::model::Grant,
    directories: &'a [paracle_host::model::DirectoryUse],
    reply: Value,
    refused: &'a [Denied],
    usage: paracle_host::model::Usage,
    wall: &'a paracle_host::model::Wall,
    notes: &'a [String],
    /// The uncommitted work that the execution began with.
    #[serde(skip_serializing_if = "Option::is_none")]
    included: Option<&'a Included>,
    completed: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

/// Shows what the tool answered and what became of its changes; a tool's error, or a merge that is not done, is a failure.
pub(super) fn show(
    context: &Context,
    receipt: &Receipt,
    included: Option<&Included>,
    completion: &Completion,
) -> Result<(), Failure> {
    let failure = Failure::of_reply(&receipt.reply)
        .or_else(|| completion.unmerged(&receipt.execution))
        .or_else(|| match completion {
            Completion::Failed(failure) => Some(failure.clone()),
            Completion::Nothing | Completion::Done(_) => None,
        });
    if context.json {
        output::json(&document(receipt, included, completion, failure.as_ref()))?;
    } else {
        if let Reply::Tool(Ok(answer)) = &receipt.reply {
            output::text(&answered(answer))?;
        }
        for line in lines(receipt, completion) {
            output::tell(&output::printable(&line));
        }
    }
    failure.map_or(Ok(()), |failure| Err(failure.told()))
}

fn document<'a>(
    receipt: &'a Receipt,
    included: Option<&'a Included>,
    completion: &Completion,
    failure: Option<&Failure>,
) -> Document<'a> {
    let several = receipt.landed.iter().any(|landed| landed.member.is_some());
    let landed = receipt.landed.first().filter(|_| !several);
    Document {
        execution: receipt.execution.as_str(),
        branch: landed.map(|landed| landed.branch.as_str()),
        base: landed.map(|landed| landed.base.as_str()),
        before: landed.and_then(|landed| landed.before.as_ref().map(CommitId::as_str)),
        commits: receipt
            .landed
            .iter()
            .map(|landed| landed.commit.as_str())
            .collect(),
        kept: landed.and_then(|landed| landed.kept.as_deref()),
        changed: receipt.landed.iter().flat_map(Landed::named).collect(),
        repositories: if several { &receipt.landed } else { &[] },
        given_up: &receipt.given_up,
        plugin: receipt.plugin.as_str(),
        version: &receipt.version,
        digest: receipt.digest.to_string(),
        tool: &receipt.step,
        call: receipt.call.to_string(),
        grant: &receipt.grant,
        directories: &receipt.directories,
        reply: match &receipt.reply {
            Reply::Tool(reply) => told(reply),
            Reply::Chat(reply) => told(reply),
            Reply::Models(reply) => told(reply),
            Reply::Resources(reply) => told(reply),
            Reply::Read(reply) => told(reply),
            Reply::Prompt(reply) => told(reply),
            Reply::Complete(reply) => told(reply),
        },
        refused: &receipt.refused,
        usage: receipt.usage,
        wall: &receipt.wall,
        notes: &receipt.notes,
        included,
        completed: completion.json(),
        error: failure.map(Failure::json),
    }
}

fn told(reply: &Result<impl Serialize, impl Serialize>) -> serde_json::Value {
    match reply {
        Ok(answer) => json!({ "ok": answer }),
        Err(error) => json!({ "error": error }),
    }
}

fn answered(answer: &Output) -> String {
    let mut text: Vec<String> = answer.content.iter().map(piece).collect();
    if let (true, Some(structured)) = (text.is_empty(), &answer.structured) {
        text.push(format!("{structured:#}"));
    }
    text.join("\n")
}

fn piece(content: &Content) -> String {
    match content {
        Content::Text { text } => text.clone(),
        Content::Image { data, mime_type } | Content::Audio { data, mime_type } => {
            let size = counted(data.len() as u64, "byte");
            format!("[{mime_type}, {size}: --json has it]")
        }
        Content::Link { uri, name, .. } => format!("[{name}: {uri}]"),
        Content::Embedded { uri, .. } => format!("[{uri}: --json has it]"),
    }
}

fn lines(receipt: &Receipt, completion: &Completion) -> Vec<String> {
    let mut lines = Vec::new();
    // Where the tool failed, that is all there is to say.
    if receipt.landed.is_empty() && receipt.reply.error().is_none() {
        lines.push(format!("{} {}", receipt.step, nothing(receipt)));
    }
    for landed in &receipt.landed {
        lines.push(format!("execution {} {}", receipt.execution, place(landed)));
        let changed = landed.named();
        lines.extend(
            changed
                .iter()
                .map(|edit| format!("  {}", output::changed(edit))),
        );
    }
    lines.extend(receipt.notes.iter().map(|note| format!("note: {note}")));
    let (Completion::Done(completed), Some(first)) = (completion, receipt.landed.first()) else {
        return lines;
    };
    let id = &receipt.execution;
    let (told, waits) = outcomes(id, completed);
    lines.extend(told);
    if waits {
        let mut ended = completed.iter().filter_map(|(_, one)| one.record.as_ref());
        lines.push(next(id, first, ended.all(|one| one.base_branch.is_some())));
    }
    lines
}

/// Says what became of each repository's branch, and whether one waits for a person.
fn outcomes(id: &ExecutionId, completed: &Members<Completed>) -> (Vec<String>, bool) {
    let mut lines = Vec::new();
    let mut waits = false;
    for (name, completed) in completed.iter() {
        let of = name.map_or_else(String::new, |name| format!(" of {name}"));
        let held = completed.held_back.iter();
        lines.extend(held.map(|held| said_of(name, held.told(id))));
        match &completed.merge {
            Some(MergeOutcome::Merged { commit, target }) => {
                lines.push(format!("merged into {target}{of} as {commit}"));
            }
            Some(MergeOutcome::UpToDate { target }) => {
                lines.push(format!("{target}{of} has it already"));
            }
            // What stands in the way of a merge, the failure says.
            Some(
                MergeOutcome::ReadyToMerge { .. }
                | MergeOutcome::Conflict { .. }
                | MergeOutcome::HalfMerged { .. }
                | MergeOutcome::Refused { .. },
            ) => waits = true,
            None => waits |= completed.record.is_some(),
        }
    }
    (lines, waits)
}

/// Says that nothing is to be merged, and no more than that: something may be other than before all the same.
fn nothing(receipt: &Receipt) -> &'static str {
    if !receipt.given_up.is_empty() {
        "left nothing: what it changed was given up"
    } else if receipt.directories.iter().any(DirectoryUse::changed) {
        "changed nothing in the repository"
    } else {
        "changed nothing"
    }
}

/// Says where a call's changes are, as a range of commits that shows them.
fn place(landed: &Landed) -> String {
    let short = |id: &CommitId| id.as_str().chars().take(10).collect::<String>();
    let commit = short(&landed.commit);
    let range = match &landed.before {
        Some(before) => format!("{} → {commit}", short(before)),
        None => commit,
    };
    let of = landed
        .member
        .as_ref()
        .map_or_else(String::new, |name| format!(" of {name}"));
    match &landed.kept {
        None => format!("on branch {}{of}, {range}", landed.branch),
        Some(kept) => format!(
            "waits for decisions: {range}, under {kept}{of}; branch {} moves when all is decided",
            landed.branch
        ),
    }
}

/// Says what a person does next.
fn next(id: &ExecutionId, landed: &Landed, has_target: bool) -> String {
    if landed.kept.is_some() {
        return format!("what is left: paracle-host execution conflicts {id}");
    }
    let wanted = match landed.member {
        None => landed.branch.as_str(),
        // All of its repositories merge, or none does.
        Some(_) => id.as_str(),
    };
    let target = if has_target { "" } else { " --target BRANCH" };
    format!(
        "look: paracle-host execution diff {id}\ntake it over: paracle-host git merge {wanted}{target}"
    )
}
