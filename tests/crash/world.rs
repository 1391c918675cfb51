//! A repository in which the program is killed, what it did there, and what has to hold.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::kill::{Ended, Instants, run};
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
struct Known {
    /// How many files were asked to be written.
    files: usize,
    /// The commits that the program told of.
    told: Vec<String>,
    /// Whether somebody asked to give it up.
    given_up: bool,
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

/// How the refs of an execution stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Refs {
    own: BTreeSet<String>,
    branch: Option<String>,
    main: String,
    state: Option<String>,
}

pub(super) struct World {
    pub(super) name: String,
    env: TestEnv,
    /// Whether main is checked out, so that merges move the checkout.
    moves: bool,
    known: BTreeMap<String, Known>,
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

    /// Checks what has to hold after each kill.
    fn check(&self, mine: &str, old: &str, context: &str) {
        let said = self
            .env
            .git(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
        assert_eq!(said.trim(), "", "fsck complains\n{context}");
        let main = self.env.git(&["rev-parse", "main"]);
        let main = main.trim();
        if self.moves && main != old {
            let status = self.env.git(&["status", "--porcelain"]);
            assert_eq!(status, "", "the checkout moved by half\n{context}");
        } else {
            assert!(
                self.env.checkout() == mine,
                "the checkout changed\n{context}"
            );
        }
        let is = self.git(&["merge-base", "--is-ancestor", old, main]);
        assert!(is, "main went back\n{context}");

        // Nothing that was told is lost, and everything is listed.
        let reached = self.env.git(&["rev-list", "--all"]);
        let reached: HashSet<&str> = reached.lines().collect();
        let merged = self.env.git(&["rev-list", "main"]);
        let merged: HashSet<&str> = merged.lines().collect();
        let listed = self.listed();
        for (id, known) in self.known.iter().filter(|(_, known)| !known.given_up) {
            for told in &known.told {
                assert!(
                    reached.contains(told.as_str()),
                    "{id} lost {told}\n{context}"
                );
                let there = listed.contains_key(id) || merged.contains(told.as_str());
                assert!(
                    there,
                    "{id} is not listed, and {told} not merged\n{context}"
                );
            }
        }
        // A merge brings all of an execution or nothing: its files are numbered, and none is left out.
        let files = self
            .env
            .git(&["ls-tree", "-r", "--name-only", "main", "killed/"]);
        let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for file in files.lines() {
            let mut parts = file.split('/').skip(1);
            let (id, number) = (parts.next().unwrap(), parts.next().unwrap());
            of.entry(id).or_default().push(number.parse().unwrap());
        }
        for (id, numbers) in of {
            let tip = self.env.git(&[
                "log",
                "-1",
                "--format=%H %P",
                &format!("--grep=Merge execution {id} into"),
                "main",
            ]);
            let parents = tip.split_whitespace().skip(1).count();
            assert_eq!(parents, 2, "{id} is on main without a merge\n{context}");
            let last = self.known.get(id).map_or(0, |known| known.files);
            assert!(
                numbers.iter().all(|&n| n < last),
                "{id} {numbers:?}\n{context}"
            );
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

    /// Returns the executions that are listed, with where each stands.
    fn listed(&self) -> BTreeMap<String, String> {
        let listed = self.env.run(&["execution", "list", "--json"]);
        assert_eq!(listed.status, 0, "{}", listed.stderr);
        let listed = listed.json();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let executions = listed.as_array().unwrap().iter();
        executions
            .map(|execution| (word(&execution["id"]), word(&execution["status"])))
            .collect()
    }

    fn refs(&self, id: &str) -> Refs {
        let all = self.env.git(&[
            "for-each-ref",
            "--format=%(refname) %(objectname)",
            &format!("refs/paracle/executions/{id}/"),
            &format!("refs/heads/exec/{id}/"),
            "refs/heads/main",
        ]);
        let mut refs = Refs::default();
        for line in all.lines() {
            let (name, object) = line.split_once(' ').unwrap();
            if name == "refs/heads/main" {
                object.clone_into(&mut refs.main);
            } else if name.starts_with("refs/heads/exec/") {
                refs.branch = Some(object.to_owned());
            } else {
                if name.ends_with("/state") {
                    let record = self.env.git(&["cat-file", "-p", object]);
                    let record = &record[record.find('{').unwrap()..];
                    let record: Value = serde_json::from_str(record).unwrap();
                    refs.state = record["status"].as_str().map(str::to_owned);
                }
                refs.own.insert(name.to_owned());
            }
        }
        refs
    }

    /// Tells whether refs of an execution were about to move.
    fn is_locked(&self, id: &str) -> bool {
        let refs = self.env.repo().join(".git/refs");
        let folders = ["paracle/executions", "heads/exec"].map(|folder| refs.join(folder).join(id));
        folders.iter().any(|folder| {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let mut names = entries.map(|entry| entry.file_name());
            names.any(|name| name.to_string_lossy().ends_with(".lock"))
        })
    }

    /// Returns how many packs, whole or not, are there.
    fn stored(&self) -> usize {
        let objects = self.env.repo().join(".git/objects");
        ["pack", "paracle-incoming"]
            .iter()
            .filter_map(|folder| std::fs::read_dir(objects.join(folder)).ok())
            .map(Iterator::count)
            .sum()
    }

    fn git(&self, arguments: &[&str]) -> bool {
        let mut git: Command = self.env.command("git", &self.env.repo());
        git.args(arguments).status().unwrap().success()
    }
}
