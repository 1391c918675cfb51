//! What is looked at after a kill, and what has to hold then.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::process::Command;

use serde_json::Value;

use super::world::World;

/// How the refs of an execution stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Refs {
    pub(super) own: BTreeSet<String>,
    pub(super) branch: Option<String>,
    pub(super) main: String,
    pub(super) state: Option<String>,
}

impl World {
    /// Checks what has to hold after each kill.
    pub(super) fn check(&self, mine: &str, old: &str, context: &str) {
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

    /// Returns the executions that are listed, with where each stands.
    pub(super) fn listed(&self) -> BTreeMap<String, String> {
        let listed = self.env.run(&["execution", "list", "--json"]);
        assert_eq!(listed.status, 0, "{}", listed.stderr);
        let listed = listed.json();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let executions = listed.as_array().unwrap().iter();
        executions
            .map(|execution| (word(&execution["id"]), word(&execution["status"])))
            .collect()
    }

    pub(super) fn refs(&self, id: &str) -> Refs {
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
    pub(super) fn is_locked(&self, id: &str) -> bool {
        let refs = self.env.repo().join(".git/refs");
        let folders = ["paracle/executions", "heads/exec"].map(|folder| refs.join(folder).join(id));
        folders.iter().any(|folder| {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let mut names = entries.map(|entry| entry.file_name());
            names.any(|name| name.to_string_lossy().ends_with(".lock"))
        })
    }

    /// Returns how many packs, whole or not, are there.
    pub(super) fn stored(&self) -> usize {
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
