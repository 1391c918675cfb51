//! What a person is told to do next works as it is written.

use super::work::{branch, commit, conflict, env, merge, write};
use crate::common::TestEnv;

/// Runs the command of this program that a text names first between backticks.
#[track_caller]
fn follow(env: &TestEnv, folder: &std::path::Path, text: &str) -> crate::common::Output {
    let command = text
        .split('`')
        .find(|part| part.starts_with("paracle-host "))
        .unwrap_or_else(|| panic!("no command in {text}"));
    let words: Vec<_> = command.split(' ').skip(1).collect();
    let mut program = env.command(env!("CARGO_BIN_EXE_paracle-host"), folder);
    program.args(words).output().unwrap().into()
}

#[test]
fn what_is_decided_last_merges_as_it_was_to_be_merged() {
    let env = env();
    env.git(&["branch", "other"]);
    write(&env, "mine", "README.md", "theirs\n");
    write(&env, "mine", "b.md", "theirs\n");
    env.git(&["checkout", "--quiet", "other"]);
    commit(&env, "README.md", "ours\n");
    env.git(&["checkout", "--quiet", "main"]);
    merge(&env, "mine", 4, &["--target", "other"]);
    let squash = ["--target", "other", "--strategy", "squash"];
    let failed = env.run(&[&["git", "merge", "mine"], &squash[..]].concat());
    let failed = failed
        .exits(4)
        .says(&["`paracle-host execution resolve mine PATH --ours`"]);
    assert!(failed.stdout.contains("README.md"), "{}", failed.stdout);
    let resolve = ["execution", "resolve", "mine", "README.md", "--theirs"];
    let decided = env.run(&resolve).exits(0).stdout;
    follow(&env, &env.repo(), &decided).exits(0);
    let parents = env.git(&["rev-list", "--parents", "--max-count=1", "other"]);
    assert_eq!(parents.split_whitespace().count(), 2, "{decided}");
    assert_eq!(env.git(&["show", "other:README.md"]), "theirs\n");
}

#[test]
fn what_started_from_no_branch_says_so_and_names_the_target_to_give() {
    let env = env();
    env.git(&["tag", "v0"]);
    let call = |path: &str, more: &[&str]| {
        let path = format!("path={path}");
        let words = [&["run", "files__write", &path, "content=x"][..], more];
        env.run(&words.concat()).exits(0)
    };
    let told = call("a", &["--from", "v0", "--execution", "tagged"]);
    let take = format!("git merge {} --target BRANCH", branch(&env, "tagged"));
    assert!(told.stderr.contains(&take), "{}", told.stderr);
    let from = branch(&env, "tagged");
    call("b", &["--from", &from, "--execution", "further"]);
    env.git(&["checkout", "--quiet", "--detach"]);
    call("c", &["--execution", "detached"]);
    for (id, words) in [
        ("tagged", "no branch"),
        ("further", "no branch"),
        ("detached", "a detached HEAD"),
    ] {
        let shown = env.run(&["execution", "show", id]).exits(0).stdout;
        assert!(shown.contains(&format!(" of {words}\n")), "{shown}");
        let stays = env.run(&["git", "cleanup", id]).exits(4).stdout;
        assert!(stays.contains(&format!("started from {words}:")), "{stays}");
    }
}

#[test]
fn a_hint_leads_to_the_repository_that_the_command_was_told_of() {
    let env = env();
    conflict(&env);
    let elsewhere = env.outside("");
    let repo = env.repo();
    let at = ["--repo", repo.to_str().unwrap()];
    let run = |words: &[&str]| -> crate::common::Output {
        let mut program = env.command(env!("CARGO_BIN_EXE_paracle-host"), &elsewhere);
        program.args(words).args(at).output().unwrap().into()
    };
    let shown = run(&["execution", "show", "mine"]).exits(0).stdout;
    let listed = follow(&env, &elsewhere, &shown).exits(0).stdout;
    assert!(listed.contains("README.md"), "{listed}");
    let led = format!("`paracle-host --repo {} execution", repo.display());
    run(&["git", "merge", "mine"]).exits(4).says(&[&led]);
    let failed = run(&["git", "merge", "mine", "--json"]).exits(4);
    assert!(failed.json()["outcome"] == "conflict");
    let unknown = run(&["execution", "show", "none", "--json"])
        .exits(2)
        .json();
    assert!(unknown["error"]["message"].as_str().unwrap().contains(&led));
    let decided = run(&["execution", "resolve", "mine", "README.md", "--ours"]);
    follow(&env, &elsewhere, &decided.exits(0).stdout).exits(0);
    let receipt = run(&["run", "files__write", "path=z", "content=z"]);
    let next = format!(
        "look: paracle-host --repo {} execution diff",
        repo.display()
    );
    receipt.exits(0).says(&[&next]);
    // What a tool answers is its own.
    let text = "content=`paracle-host git merge x`\n";
    run(&["run", "files__write", "path=z", text, "--merge"]).exits(0);
    let read = run(&["run", "files__read", "path=z"]).exits(0).stdout;
    assert!(read.contains("`paracle-host git merge x`"), "{read}");
}

#[test]
fn nothing_is_noted_of_what_was_written_as_it_was() {
    let env = env();
    let call = ["run", "files__write", "path=README.md"];
    let content = format!("content={}", env.read("README.md"));
    let receipt = env.run(&[&call[..], &[&content, "--no-commit", "--json"]].concat());
    let receipt = receipt.exits(0).json();
    assert!(
        !receipt["notes"].to_string().contains("committed"),
        "{receipt}"
    );
}

#[test]
fn a_cleanup_of_one_that_stays_is_a_conflict() {
    let env = env();
    write(&env, "mine", "a", "x");
    let refused = env.run(&["git", "cleanup", "mine"]).exits(4);
    let refused = refused.says(&["not removed, though named: mine"]);
    assert!(refused.stdout.contains("kept"), "{}", refused.stdout);
    env.run(&["git", "cleanup"]).exits(0);
    env.run(&["git", "cleanup", "mine", "--force"]).exits(0);
}
