//! Random changes of a tree, for merges that meet every case.

use std::collections::BTreeMap;

use proptest::prelude::*;

pub(super) type Files = BTreeMap<String, (u32, Vec<u8>)>;

pub(super) const FILE: u32 = 0o100_644;
const EXECUTABLE: u32 = 0o100_755;
const LINK: u32 = 0o120_000;

/// One change of a tree; numbers choose among what is there.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Replace(usize, usize, u8),
    Insert(usize, usize, u8),
    Cut(usize, usize),
    Rewrite(usize, Vec<u8>),
    Binary(usize, u8),
    Remove(usize),
    Rename(usize, String),
    RenameDirectory(usize, String),
    Mode(usize),
    Link(usize, u8),
    ToDirectory(usize),
    ToFile(usize, Vec<u8>),
    Add(String, Vec<u8>),
}

#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) base: Vec<(String, Vec<u8>)>,
    pub(super) sides: [Vec<Change>; 2],
    /// What the sides change once each has merged the other: then there are two bases.
    pub(super) crossed: Option<[Vec<Change>; 2]>,
}

fn path() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a", "b", "c", "d/a", "d/b", "d/e/a", "f/a", "f/b", "g", "h/i/j/k", "d", "f",
    ])
    .prop_map(str::to_owned)
}

/// Lines of few words, so that many are there twice.
fn text() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(0u8..14, 0..24), any::<bool>()).prop_map(|(lines, ended)| {
        let lines: Vec<String> = lines.iter().map(|line| word(*line)).collect();
        let end = if ended { "\n" } else { "" };
        (lines.join("\n") + end).into_bytes()
    })
}

fn word(n: u8) -> String {
    match n {
        0 | 1 => String::new(),
        2 | 3 => "}".to_owned(),
        n => format!("a line that says {n}"),
    }
}

fn change() -> impl Strategy<Value = Change> {
    let n = || any::<prop::sample::Index>().prop_map(|index| index.index(1 << 16));
    prop_oneof![
        6 => (n(), n(), 0u8..14).prop_map(|(f, l, w)| Change::Replace(f, l, w)),
        5 => (n(), n(), 0u8..14).prop_map(|(f, l, w)| Change::Insert(f, l, w)),
        4 => (n(), n()).prop_map(|(f, l)| Change::Cut(f, l)),
        1 => (n(), text()).prop_map(|(f, t)| Change::Rewrite(f, t)),
        1 => (n(), any::<u8>()).prop_map(|(f, b)| Change::Binary(f, b)),
        2 => n().prop_map(Change::Remove),
        3 => (n(), path()).prop_map(|(f, p)| Change::Rename(f, p)),
        1 => (n(), path()).prop_map(|(f, p)| Change::RenameDirectory(f, p)),
        1 => n().prop_map(Change::Mode),
        1 => (n(), 0u8..3).prop_map(|(f, t)| Change::Link(f, t)),
        1 => n().prop_map(Change::ToDirectory),
        1 => (n(), text()).prop_map(|(f, t)| Change::ToFile(f, t)),
        2 => (path(), text()).prop_map(|(p, t)| Change::Add(p, t)),
    ]
}

/// Any merge of two sides.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let changes = || prop::collection::vec(change(), 0..5);
    let both = || [changes(), changes()];
    (
        prop::collection::vec((path(), text()), 1..8),
        both(),
        prop::option::weighted(0.15, both()),
    )
        .prop_map(|(base, sides, crossed)| Case {
            base,
            sides,
            crossed,
        })
}

/// Puts a file somewhere; what stands in its way goes.
pub(super) fn put(files: &mut Files, path: &str, mode: u32, content: Vec<u8>) {
    let below = format!("{path}/");
    files.retain(|other, _| !other.starts_with(&below) && !path.starts_with(&format!("{other}/")));
    files.insert(path.to_owned(), (mode, content));
}

/// Makes one change.
pub(super) fn apply(files: &mut Files, change: &Change) {
    let pick = |n: usize| {
        let at = n % files.len().max(1);
        files.keys().nth(at).cloned()
    };
    let lines = |files: &mut Files, n: usize, edit: &dyn Fn(&mut Vec<String>)| {
        let at = n % files.len().max(1);
        if let Some((mode, content)) = files.values_mut().nth(at)
            && *mode != LINK
            && !content.contains(&0)
        {
            let text = String::from_utf8(content.clone()).unwrap();
            let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
            edit(&mut lines);
            *content = lines.join("\n").into_bytes();
        }
    };
    match change {
        Change::Replace(n, at, w) => lines(files, *n, &|lines| {
            let at = at % lines.len();
            lines[at] = word(*w);
        }),
        Change::Insert(n, at, w) => lines(files, *n, &|lines| {
            lines.insert(at % (lines.len() + 1), word(*w));
        }),
        Change::Cut(n, at) => lines(files, *n, &|lines| {
            lines.remove(at % lines.len());
            if lines.is_empty() {
                lines.push(String::new());
            }
        }),
        Change::Rewrite(n, text) => {
            if let Some(path) = pick(*n) {
                files.insert(path, (FILE, text.clone()));
            }
        }
        Change::Binary(n, byte) => {
            if let Some(path) = pick(*n) {
                files.insert(path, (FILE, vec![0, *byte, 10, 7]));
            }
        }
        Change::Remove(n) => {
            if let Some(path) = pick(*n) {
                files.remove(&path);
            }
        }
        Change::Rename(n, to) => {
            if let Some((mode, content)) = pick(*n).and_then(|path| files.remove(&path)) {
                put(files, to, mode, content);
            }
        }
        Change::RenameDirectory(n, to) => {
            if let Some((dir, _)) = pick(*n).as_deref().and_then(|path| path.split_once('/')) {
                let below = format!("{dir}/");
                let (moved, kept): (Files, Files) = std::mem::take(files)
                    .into_iter()
                    .partition(|(path, _)| path.starts_with(&below));
                *files = kept;
                for (path, (mode, content)) in moved {
                    let rest = path.strip_prefix(&below).unwrap();
                    put(files, &format!("{to}/{rest}"), mode, content);
                }
            }
        }
        Change::Mode(n) => {
            let at = n % files.len().max(1);
            if let Some((mode @ (FILE | EXECUTABLE), _)) = files.values_mut().nth(at) {
                *mode ^= FILE ^ EXECUTABLE;
            }
        }
        Change::Link(n, target) => {
            if let Some(path) = pick(*n) {
                files.insert(path, (LINK, format!("to{target}").into_bytes()));
            }
        }
        Change::ToDirectory(n) => {
            if let Some(path) = pick(*n)
                && let Some((mode, content)) = files.remove(&path)
            {
                put(files, &format!("{path}/in"), mode, content);
            }
        }
        Change::ToFile(n, text) => {
            if let Some((dir, _)) = pick(*n).as_deref().and_then(|path| path.split_once('/')) {
                put(files, dir, FILE, text.clone());
            }
        }
        Change::Add(path, text) => put(files, path, FILE, text.clone()),
    }
}
