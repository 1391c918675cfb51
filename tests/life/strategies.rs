//! Uncommitted work, whatever a merge leaves on its target.

use serde_json::json;

use super::work::{env, json, write};

#[test]
fn no_strategy_brings_uncommitted_work_along() {
    for strategy in ["merge", "squash", "rebase"] {
        let env = env();
        env.write("README.md", "SECRET work in progress\n");
        env.write("untracked.md", "SECRET and new\n");
        let first = write(&env, "1.md", "x", &["--include-dirty", "--execution=dirty"]);
        let base = first.exits(0).json()["base"].as_str().unwrap().to_owned();
        write(&env, "2.md", "x", &["--execution=dirty"]).exits(0);
        env.git(&["branch", "target"]);
        let merge = ["git", "merge", "dirty", "--target", "target", "--strategy"];
        let merged = json(&env, &[&merge[..], &[strategy]].concat());
        assert_eq!(merged["outcome"], "merged", "{strategy}: {merged}");
        assert_eq!(
            env.git(&["diff", "--name-only", "main", "target"]),
            "1.md\n2.md\n",
            "{strategy}"
        );
        let reached = env.git(&["rev-list", "--objects", "target"]);
        for what in [
            base.clone(),
            env.git(&["rev-parse", &format!("{base}:README.md")]),
            env.git(&["rev-parse", &format!("{base}:untracked.md")]),
        ] {
            assert!(!reached.contains(what.trim()), "{strategy}: {what}");
        }
        let log = env.git(&["log", "--format=%B", "main..target"]);
        assert!(!log.contains("uncommitted"), "{strategy}: {log}");
        let again = json(&env, &[&merge[..], &[strategy]].concat());
        assert_eq!(again["outcome"], json!("up-to-date"), "{strategy}: {again}");
        env.fsck();
    }
}

#[test]
fn a_merged_execution_shows_its_checkpoints_whatever_the_strategy() {
    for settings in [
        "strategy: merge",
        "strategy: squash",
        "strategy: rebase",
        "enable_branching: false",
    ] {
        let env = env();
        env.write(".parac/config/git.yaml", &format!("{settings}\n"));
        write(&env, "1.md", "x", &["--execution=work", "--merge"]).exits(0);
        let log = json(&env, &["execution", "log", "work"]);
        let checkpoints = log["checkpoints"].as_array().unwrap();
        assert_eq!(checkpoints.len(), 1, "{settings}: {log}");
        let diff = env.run(&["execution", "diff", "work", "--stat"]).exits(0);
        assert_eq!(diff.stdout, "A 1.md +1 -0\n", "{settings}");
        let shown = json(&env, &["execution", "show", "work"]);
        assert_eq!(shown["commit_count"], 1, "{settings}: {shown}");
        let listed = env.run(&["execution", "list"]).exits(0).stdout;
        let row = listed
            .lines()
            .find(|line| line.starts_with("work"))
            .unwrap();
        let words: Vec<_> = row.split_whitespace().take(3).collect();
        assert_eq!(words, ["work", "merged", "1"], "{settings}");
        env.run(&["git", "cleanup"]).exits(0);
        assert_eq!(env.git(&["for-each-ref", "refs/paracle"]), "");
    }
}
