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
