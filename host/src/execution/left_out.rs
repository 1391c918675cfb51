//! What a call left out, or kept where git would not have: each with the rule that decided, for its receipt.

use crate::git::Repo;
use crate::model::{Edit, EditKind, LimitName, Limits};
use crate::workspace::{GitTree, LeftOut, Names};

/// How many paths are looked at for rules of the repository.
const LOOKS: usize = 1000;

/// Says what a call met that is not as it would be in a checkout, and what of its changes git would have treated otherwise.
pub(super) fn notes(repo: &Repo, tree: &GitTree, changed: &[Edit], limits: &Limits) -> Vec<String> {
    let LeftOut {
        submodules,
        pointers,
        oversize,
        read,
    } = tree.left_out();
    let mut notes = Vec::new();
    let mut note = |names: Vec<String>, words: &dyn Fn(Names) -> String| {
        if !names.is_empty() {
            notes.push(words(Names::of(names)));
        }
    };
    note(submodules, &|names| {
        format!("submodules are not in the workspace; the call found empty directories: {names}")
    });
    note(pointers, &|names| {
        format!("Git LFS does not run in the workspace; the call read the pointers of: {names}")
    });
    note(oversize, &|names| {
        let limit = limits.breach(LimitName::FileSize);
        format!("larger than one file may be ({limit}), and refused: {names}")
    });

    let written: Vec<&str> = of_kinds(changed, &[EditKind::Added, EditKind::Modified]);
    let touched: Vec<&str> = written
        .iter()
        .copied()
        .chain(read.iter().map(String::as_str))
        .collect();
    match repo.filtered(&touched[..touched.len().min(LOOKS)]) {
        Ok(mut filtered) => {
            filtered.sort();
            filtered.dedup();
            let names = filtered
                .into_iter()
                .map(|(path, filter)| format!("{path} (filter={filter})"));
            note(names.collect(), &|names| {
                format!(
                    "filters do not run in the workspace; read and written as git stores them: {names}"
                )
            });
        }
        Err(error) => notes.push(format!(
            "which files go through filters could not be looked at: {error}"
        )),
    }
    let mut note = |text: String| notes.push(text);
    let added = of_kinds(changed, &[EditKind::Added]);
    match repo.ignored(&added[..added.len().min(LOOKS)]) {
        Ok(ignored) if ignored.is_empty() => {}
        Ok(ignored) => {
            let names = ignored
                .into_iter()
                .map(|(path, rule)| format!("{path} ({rule})"));
            note(format!(
                "ignored by git, and committed all the same, as whatever a plugin writes: {}",
                Names::of(names)
            ));
        }
        Err(error) => note(format!(
            "which new files git ignores could not be looked at: {error}"
        )),
    }
    if added.len() > LOOKS || touched.len() > LOOKS {
        note(format!(
            "only {LOOKS} paths were looked at for what git ignores and filters"
        ));
    }
    notes
}

/// Lists the paths of some edits.
fn of_kinds<'a>(edits: &'a [Edit], kinds: &[EditKind]) -> Vec<&'a str> {
    let of_kind = edits.iter().filter(|edit| kinds.contains(&edit.kind));
    of_kind.map(|edit| edit.path.as_str()).collect()
}
