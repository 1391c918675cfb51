//! A repository in which the program is killed, and what it did there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::kill::{Ended, Instants, run};
use super::look::Refs;
use super::table::Phase;
use crate::common::TestEnv;

const PLUGINS: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

/// A small random generator, so that a run can be had again by its seed.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

/// What is known of an execution.
#[derive(Debug, Default, Clone)]
pub(super) struct Known {
    /// How many files were asked to be written.
    pub(super) files: usize,
    /// The commits that the program told of.
    pub(super) told: Vec<String>,
    /// Whether somebody asked to give it up.
    pub(super) given_up: bool,
}

/// What is done, and killed meanwhile.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Write { merge: bool },
    GoOn,
    Merge,
    Discard,
    Cleanup,
}

pub(super) struct World {
    pub(super) name: String,
    pub(super) env: TestEnv,
    /// Whether main is checked out, so that merges move the checkout.
    pub(super) moves: bool,
    pub(super) known: BTreeMap<String, Known>,
    next: usize,
    /// How long such a deed lasts when nobody kills it.
    lasts: BTreeMap<&'static str, Duration>,
}

impl World {
    /// Prepares a repository: its person works on another branch with uncommitted files, or has main checked out.
    pub(super) fn new(name: &str, env: TestEnv, moves: bool) -> Self {
        env.install(&["files"], PLUGINS);
        env.write(".parac/config/git.yaml", "base_branch: main\n");
        let exclude = env.repo().join(".git/info/exclude");
        std::fs::create_dir_all(exclude.parent().unwrap()).unwrap();
        std::fs::write(exclude, "/.parac/\n").unwrap();
        if !moves {
            env.git(&["checkout", "--quiet", "-b", "mine"]);
            env.write("mine.txt", "uncommitted\n");
            env.write("staged.txt", "staged\n");
            env.git(&["add", "staged.txt"]);
        }
        env.git(&["pack-refs", "--all"]);
        Self {
            name: name.to_owned(),
            env,
            moves,
            known: BTreeMap::new(),
            next: 0,
            lasts: BTreeMap::new(),
        }
    }

    /// A clone of a repository of this machine.
    pub(super) fn clone_of(path: &Path) -> Self {
        let env = TestEnv::bare_folder();
        let from = path.to_str().unwrap();
        env.git(&["-c", "safe.directory=*", "clone", "--quiet", from, "."]);
        env.git(&["checkout", "--quiet", "-B", "main"]);
        Self::new(from, env, false)
    }

    /// Does something, kills it, and checks all promises; returns what was hit.
    pub(super) fn round(&mut self, random: &mut Random) -> Phase {
        let (deed, id) = self.choose(random);
        let before = self.refs(&id);
        let stored = self.stored();
        let mine = self.env.checkout();
        let ended = self.kill(deed, &id, random);
        let after = self.refs(&id);
        let context = format!(
            "{}: {deed:?} of {id}, killed after {:?}\nbefore {before:?}\nafter {after:?}\n{}",
            self.name, ended.lasted, ended.stderr
        );
        self.learn(deed, &id, &ended);
        assert!(
            ended.code.is_none_or(|code| code == 0 || code == 4),
            "{context}"
        );
        let phase = if ended.by_itself {
            Phase::Over
        } else {
            self.phase(deed, &id, &before, &after, stored)
        };
        self.check(&mine, &before.main, &context);
        self.go_on(&id, random, &context);
        phase
    }

    fn choose(&mut self, random: &mut Random) -> (Deed, String) {
        let open: Vec<String> = self
            .known
            .iter()
            .filter(|(_, known)| !known.told.is_empty() && !known.given_up)
            .map(|(id, _)| id.clone())
            .collect();
        let listed = self.listed();
        let kept: Vec<&String> = open
            .iter()
            .filter(|id| {
                listed
                    .get(*id)
                    .is_some_and(|status| ["kept", "active"].contains(&status.as_str()))
            })
            .collect();
        let deed = match random.below(12) {
            0..=2 => Deed::Write { merge: false },
            3 | 4 => Deed::Write { merge: true },
            5 if !kept.is_empty() => Deed::GoOn,
            6..=8 if !kept.is_empty() => Deed::Merge,
            9 if !kept.is_empty() => Deed::Discard,
            _ if listed.len() > 1 => Deed::Cleanup,
            _ => Deed::Write { merge: false },
        };
        let id = match deed {
            Deed::GoOn | Deed::Merge | Deed::Discard => kept[random.below(kept.len())].clone(),
            Deed::Cleanup => {
                // One that is about to go, if there is one.
                let going = |status: &String| ["merged", "discarded"].contains(&status.as_str());
                let mut ids = listed.iter().filter(|(_, status)| going(status));
                ids.next().map_or_else(
                    || listed.keys().next().unwrap().clone(),
                    |(id, _)| id.clone(),
                )
            }
            Deed::Write { .. } => {
                self.next += 1;
                format!("e{:04}", self.next)
            }
        };
        (deed, id)
    }

    fn words(&mut self, deed: Deed, id: &str) -> Vec<String> {
        let words: &[&str] = match deed {
            Deed::Write { .. } | Deed::GoOn => {
                let known = self.known.entry(id.to_owned()).or_default();
                known.files += 1;
                let path = format!("path=killed/{id}/{}", known.files - 1);
                let merge = matches!(deed, Deed::Write { merge: true });
                let words = ["run", "--execution", id, "files__write", &path, "content=x"];
                let mut words = words.map(str::to_owned).to_vec();
                words.extend(merge.then(|| "--merge".to_owned()));
                words.push("--json".to_owned());
                return words;
            }
            Deed::Merge => &["git", "merge", id, "--json"],
            Deed::Discard => &["execution", "discard", id, "--json"],
            Deed::Cleanup => &["git", "cleanup", "--json"],
        };
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn kill(&mut self, deed: Deed, id: &str, random: &mut Random) -> Ended {
        let name = match deed {
            Deed::Write { merge: false } | Deed::GoOn => "write",
            Deed::Write { merge: true } => "write and merge",
            Deed::Merge => "merge",
            Deed::Discard => "discard",
            Deed::Cleanup => "cleanup",
        };
        let words = self.words(deed, id);
        let mut command = self.env.program_in("");
        command.args(&words);
        let usual = self.lasts.get(name).copied();
        let usual = usual.unwrap_or(Duration::from_millis(400));
        let git = self.env.repo().join(".git");
        let own = git.join("refs/paracle/executions").join(id);
        let behind = |path: PathBuf, random: &mut Random, most: usize| {
            let delay = Duration::from_micros(u64::try_from(random.below(most * 1000)).unwrap());
            Instants::Behind(path, delay)
        };
        let instant = match (deed, random.below(8)) {
            (Deed::Write { .. }, 0 | 1) => behind(git.join("objects/paracle-incoming"), random, 40),
            // Its folder is made for the lock of its state.
            (Deed::Write { .. }, 2) => behind(own, random, 4),
            (Deed::Write { .. }, 3) => behind(own.join("state"), random, 20),
            (Deed::Write { merge: true }, 4..=6) => behind(own.join("state"), random, 40),
            (Deed::Merge, 4..=6) => behind(git.join("objects/paracle-incoming"), random, 30),
            _ => {
                let most = usize::try_from(usual.as_micros()).unwrap() * 11 / 10;
                Instants::After(Duration::from_micros(
                    u64::try_from(random.below(most)).unwrap(),
                ))
            }
        };
        let ended = run(command, &instant);
        if ended.by_itself {
            self.lasts.insert(name, ended.lasted);
        } else {
            // One that is always killed is given more time.
            self.lasts.insert(name, usual + usual / 50);
        }
        ended
    }

    fn learn(&mut self, deed: Deed, id: &str, ended: &Ended) {
        match deed {
            Deed::Write { .. } | Deed::GoOn => {
                let receipt = ended.receipt.as_ref();
                let commits = receipt.and_then(|receipt| receipt["commits"].as_array());
                let told = commits.into_iter().flatten().filter_map(Value::as_str);
                let known = self.known.entry(id.to_owned()).or_default();
                known.told.extend(told.map(str::to_owned));
            }
            Deed::Discard => {
                self.known.entry(id.to_owned()).or_default().given_up = true;
            }
            Deed::Merge | Deed::Cleanup => {}
        }
    }

    fn phase(&self, deed: Deed, id: &str, before: &Refs, after: &Refs, stored: usize) -> Phase {
        match deed {
            Deed::Merge => Phase::Merge,
            Deed::Discard | Deed::Cleanup => Phase::Cleanup,
            Deed::Write { .. } | Deed::GoOn => {
                if before == after && self.is_locked(id) {
                    return Phase::Start;
                }
                if before == after {
                    let wrote = self.stored() != stored;
                    return if wrote { Phase::Write } else { Phase::Loading };
                }
                let merged = after.main != before.main || after.state.as_deref() == Some("merged");
                match deed {
                    // What it stores after its own commit is the merge's.
                    Deed::Write { merge: true } if merged || self.stored() > stored + 3 => {
                        Phase::Merge
                    }
                    _ => Phase::Checkpoint,
                }
            }
        }
    }

    /// Another process goes on with it, or gives it up.
    fn go_on(&mut self, id: &str, random: &mut Random, context: &str) {
        let status = self.listed().get(id).cloned();
        let status = status.as_deref();
        if matches!(status, Some("merged" | "discarded")) {
            return;
        }
        if status.is_none()
            && self
                .known
                .get(id)
                .is_none_or(|known| !known.told.is_empty())
        {
            // It was merged, and cleaned up.
            return;
        }
        match random.below(3) {
            0 if status.is_some() => {
                self.known.entry(id.to_owned()).or_default().given_up = true;
                let done = self.env.run(&["execution", "discard", id]);
                assert_eq!(done.status, 0, "{}\nnot discarded\n{context}", done.stderr);
            }
            1 if status.is_some() => {
                let done = self.env.run(&["git", "merge", id]);
                assert_eq!(done.status, 0, "{}\nnot merged\n{context}", done.stderr);
            }
            _ => {
                let words = self.words(Deed::GoOn, id);
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let done = self.env.run(&words);
                assert_eq!(done.status, 0, "{}\nnot resumed\n{context}", done.stderr);
                let commits = done.json()["commits"].as_array().cloned().unwrap();
                assert_eq!(commits.len(), 1, "{}", done.stdout);
                let known = self.known.entry(id.to_owned()).or_default();
                known.told.push(commits[0].as_str().unwrap().to_owned());
            }
        }
    }
}
