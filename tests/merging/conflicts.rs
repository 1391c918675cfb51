//! What a merge cannot decide is kept with the execution, and decided by a person or by a tool.

use serde_json::{Value, json};

use super::work::{branch, commit, conflict, conflicts, env, merge, write};
use crate::common::TestEnv;

fn resolve(env: &TestEnv, path: &str, choice: &[&str]) -> Value {
    let words = [&["execution", "resolve", "mine", path, "--json"], choice].concat();
    env.run(&words).exits(0).json()
}

fn read(env: &TestEnv, path: &str) -> String {
    let path = format!("path={path}");
    let words = ["run", "files__read", &path, "--execution", "mine", "--json"];
    let receipt = env.run(&words).exits(0).json();
    let content = &receipt["reply"]["ok"]["structured"]["content"];
    content.as_str().unwrap().to_owned()
}

#[test]
fn a_conflict_is_listed_with_path_kind_and_both_sides() {
    let env = env();
    commit(&env, "gone.md", "base\n");
    write(&env, "mine", "gone.md", "theirs\n");
    write(&env, "mine", "both.md", "theirs\n");
    env.git(&["rm", "--quiet", "gone.md"]);
    commit(&env, "both.md", "ours\n");
    let outcome = merge(&env, "mine", 4, &[]);
    assert_eq!(outcome["paths"], json!(["both.md", "gone.md"]), "{outcome}");
    let listed = conflicts(&env, "mine");
    let blob = |name: &str| env.git(&["rev-parse", name]).trim().to_owned();
    let branch = branch(&env, "mine");
    let side = |id: String| json!({"mode": "100644", "id": id});
    let expected = [
        json!({"path": "both.md", "kind": "add-add", "base": null, "ours": side(blob("main:both.md")),
            "theirs": side(blob(&format!("{branch}:both.md")))}),
        json!({"path": "gone.md", "kind": "modify-delete", "base": side(blob("main~:gone.md")), "ours": null,
            "theirs": side(blob(&format!("{branch}:gone.md")))}),
    ];
    for (found, expected) in listed.as_array().unwrap().iter().zip(&expected) {
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(found[key], *value, "{key} of {found}");
        }
        assert_eq!(found["resolved"], json!(null), "{found}");
    }
    let said = env
        .run(&["execution", "conflicts", "mine", "--long"])
        .exits(0);
    for words in ["add/add", "modify/delete", "deleted in main"] {
        assert!(said.stdout.contains(words), "{words}: {}", said.stdout);
    }
    let shown = env.run(&["execution", "show", "mine"]).exits(0).stdout;
    assert!(shown.contains("both.md"), "{shown}");
}

#[test]
fn a_conflict_outlives_processes_and_gits_housekeeping() {
    let env = env();
    conflict(&env);
    let before = conflicts(&env, "mine");
    let checkout = env.checkout();
    env.git(&["reflog", "expire", "--expire=now", "--all"]);
    env.git(&["gc", "--quiet", "--prune=now"]);
    assert_eq!(conflicts(&env, "mine"), before);
    let decided = resolve(&env, "README.md", &["--theirs"]);
    assert_eq!(decided["done"], true, "{decided}");
    assert_eq!(env.checkout(), checkout);
    merge(&env, "mine", 0, &[]);
    assert_eq!(env.read("README.md"), "theirs\n");
    assert_eq!(
        env.git(&["for-each-ref", "refs/paracle/executions/mine/conflict"]),
        ""
    );
    env.fsck();
}

#[test]
fn a_person_decides_path_by_path_and_then_it_merges() {
    let env = env();
    for path in ["a", "b", "c"] {
        write(&env, "mine", path, "theirs\n");
    }
    write(&env, "mine", "d", "theirs\n");
    for path in ["a", "b", "c"] {
        commit(&env, path, "ours\n");
    }
    merge(&env, "mine", 4, &[]);
    let branch = branch(&env, "mine");
    let tip = env.git(&["rev-parse", &branch]);
    assert_eq!(resolve(&env, "a", &["--ours"])["left"], json!(["b", "c"]));
    assert_eq!(resolve(&env, "b", &["--theirs"])["left"], json!(["c"]));
    // Until the last, the branch is as it was.
    assert_eq!(env.git(&["rev-parse", &branch]), tip);
    let outcome = merge(&env, "mine", 4, &[]);
    assert_eq!(outcome["paths"], json!(["c"]), "{outcome}");
    env.run(&["execution", "resolve", "mine", "d", "--ours"])
        .exits(2)
        .says(&["is in no conflict", "c"]);
    let file = env.outside("c");
    std::fs::write(&file, "of a person's own\n").unwrap();
    let decided = resolve(&env, "c", &["--file", file.to_str().unwrap()]);
    assert_eq!(
        (&decided["left"], &decided["done"]),
        (&json!([]), &json!(true))
    );
    let outcome = merge(&env, "mine", 0, &[]);
    assert_eq!(outcome["outcome"], "merged", "{outcome}");
    for (path, content) in [
        ("a", "ours\n"),
        ("b", "theirs\n"),
        ("c", "of a person's own\n"),
        ("d", "theirs\n"),
    ] {
        assert_eq!(env.read(path), content, "{path}");
    }
    env.fsck();
}

#[test]
fn a_tool_sees_markers_and_what_it_writes_decides() {
    let env = env();
    conflict(&env);
    let seen = read(&env, "README.md");
    for part in [
        "<<<<<<< main\nours\n",
        "=======\ntheirs\n>>>>>>> exec/mine/",
    ] {
        assert!(seen.contains(part), "{seen}");
    }
    // Another file decides nothing, and neither does one that still has markers.
    let receipt = write(&env, "mine", "other.md", "x\n");
    assert!(
        receipt["notes"]
            .to_string()
            .contains("still in conflict: README.md"),
        "{receipt}"
    );
    let receipt = write(&env, "mine", "README.md", &format!("{seen}more\n"));
    assert!(
        receipt["notes"].to_string().contains("still in conflict"),
        "{receipt}"
    );
    assert_eq!(merge(&env, "mine", 4, &[])["paths"], json!(["README.md"]));
    let receipt = write(&env, "mine", "README.md", "ours and theirs\n");
    assert!(
        receipt["notes"]
            .to_string()
            .contains("all conflicts with main are decided"),
        "{receipt}"
    );
    let branch = branch(&env, "mine");
    let trailers = env.git(&["log", "-1", "--format=%B", &branch]);
    let calls = trailers.matches("Paracle-Call: ").count();
    assert_eq!(
        calls, 3,
        "each call that decided is in the commit:\n{trailers}"
    );
    merge(&env, "mine", 0, &[]);
    for (path, content) in [
        ("README.md", "ours and theirs\n"),
        ("other.md", "x\n"),
        ("added.md", "theirs\n"),
    ] {
        assert_eq!(env.read(path), content, "{path}");
    }
    env.fsck();
}

#[test]
fn a_tool_keeps_what_one_side_removed_by_writing_it_as_it_is() {
    let env = env();
    commit(&env, "gone.md", "base\n");
    write(&env, "mine", "gone.md", "theirs\n");
    env.git(&["rm", "--quiet", "gone.md"]);
    commit(&env, "else.md", "ours\n");
    merge(&env, "mine", 4, &[]);
    assert_eq!(read(&env, "gone.md"), "theirs\n");
    assert_eq!(
        conflicts(&env, "mine")[0]["resolved"],
        json!(null),
        "reading decides nothing"
    );
    write(&env, "mine", "gone.md", "theirs\n");
    merge(&env, "mine", 0, &[]);
    assert_eq!(env.read("gone.md"), "theirs\n");
}

#[test]
fn a_file_and_a_directory_of_one_name_are_decided() {
    for (choice, path) in [("--ours", "was/in"), ("--theirs", "was")] {
        let env = env();
        commit(&env, "was", "base\n");
        write(&env, "mine", "was", "theirs\n");
        env.git(&["rm", "--quiet", "was"]);
        commit(&env, "was/in", "ours\n");
        let outcome = merge(&env, "mine", 4, &[]);
        assert_eq!(outcome["paths"], json!(["was"]), "{outcome}");
        assert_eq!(
            outcome["conflicts"][0]["kind"], "file-directory",
            "{outcome}"
        );
        assert_eq!(resolve(&env, "was", &[choice])["done"], true);
        merge(&env, "mine", 0, &[]);
        let files = env.git(&["ls-tree", "-r", "--name-only", "main"]);
        let found: Vec<&str> = files
            .lines()
            .filter(|name| name.starts_with("was"))
            .collect();
        assert_eq!(found, [path], "{choice}");
    }
}

#[test]
fn what_was_decided_stays_decided_when_the_target_moves_on() {
    let env = env();
    for path in ["a", "b"] {
        write(&env, "mine", path, "theirs\n");
        commit(&env, path, "ours\n");
    }
    merge(&env, "mine", 4, &[]);
    resolve(&env, "a", &["--theirs"]);
    commit(&env, "later.md", "ours\n");
    let outcome = merge(&env, "mine", 4, &[]);
    assert_eq!(outcome["paths"], json!(["b"]), "{outcome}");
    resolve(&env, "b", &["--ours"]);
    commit(&env, "later still.md", "ours\n");
    merge(&env, "mine", 0, &[]);
    assert_eq!(
        (env.read("a"), env.read("b")),
        ("theirs\n".to_owned(), "ours\n".to_owned())
    );
}

#[test]
fn a_merge_that_is_given_up_leaves_the_execution_as_it_was() {
    let env = env();
    conflict(&env);
    let tip = env.git(&["rev-parse", &branch(&env, "mine")]);
    env.run(&["execution", "resolve", "mine", "--abandon"])
        .exits(0);
    assert_eq!(conflicts(&env, "mine"), json!([]));
    assert_eq!(read(&env, "README.md"), "theirs\n");
    assert_eq!(env.git(&["rev-parse", &branch(&env, "mine")]), tip);
    env.run(&["execution", "resolve", "mine", "README.md", "--ours"])
        .exits(2)
        .says(&["waits for a decision"]);
}

#[test]
fn what_a_call_wrote_while_a_merge_waited_is_kept_when_the_merge_is_given_up() {
    let env = env();
    conflict(&env);
    env.run(&[
        "run",
        "files__write",
        "path=more.md",
        "content=kept",
        "--execution=mine",
    ])
    .exits(0);
    let given_up = env
        .run(&["execution", "resolve", "mine", "--abandon", "--json"])
        .exits(0)
        .json();
    let kept = given_up["kept"].as_str().unwrap();
    env.git(&["gc", "--quiet", "--prune=now"]);
    assert_eq!(env.git(&["show", &format!("{kept}:more.md")]), "kept");
}

#[test]
fn a_receipt_says_where_a_change_is_while_a_merge_waits() {
    let env = env();
    for path in ["a", "b"] {
        write(&env, "mine", path, "theirs\n");
    }
    for path in ["a", "b"] {
        commit(&env, path, "ours\n");
    }
    merge(&env, "mine", 4, &[]);
    let tip = env.git(&["rev-parse", &branch(&env, "mine")]);
    let receipt = write(&env, "mine", "a", "both\n");
    let (before, commit) = (&receipt["before"], &receipt["commits"][0]);
    let range = [before, commit].map(|one| one.as_str().unwrap());
    assert_eq!(
        env.git(&["diff", "--name-only", range[0], range[1]]),
        "a\n",
        "{receipt}"
    );
    let kept = receipt["kept"].as_str().unwrap();
    env.git(&["merge-base", "--is-ancestor", range[1], kept]);
    assert_eq!(env.git(&["rev-parse", &branch(&env, "mine")]), tip);
    let words = [
        "run",
        "files__write",
        "path=c",
        "content=x",
        "--execution",
        "mine",
    ];
    env.run(&words).exits(0).says(&[
        kept,
        "moves when all is decided",
        "paracle-host execution conflicts mine",
    ]);
    // The last one decides, and the branch has it.
    let receipt = write(&env, "mine", "b", "both\n");
    assert!(receipt.get("kept").is_none(), "{receipt}");
    let tip = env.git(&["rev-parse", &branch(&env, "mine")]);
    assert_eq!(receipt["commits"][0], tip.trim(), "{receipt}");
}

#[test]
fn a_decided_conflict_does_not_count_the_targets_commits() {
    let env = env();
    write(&env, "mine", "README.md", "theirs\n");
    for number in 0..3 {
        commit(&env, "README.md", &format!("ours {number}\n"));
    }
    merge(&env, "mine", 4, &[]);
    resolve(&env, "README.md", &["--theirs"]);
    let shown = env.run(&["execution", "show", "mine", "--json"]);
    // The call's, and the decision.
    assert_eq!(shown.exits(0).json()["commit_count"], 2);
    let branches = env.run(&["git", "branches", "--json"]).exits(0).json();
    assert_eq!(branches[0]["commit_count"], 2, "{branches}");
}

#[test]
fn a_file_with_markers_decides_nothing_unless_that_is_meant() {
    let env = env();
    conflict(&env);
    let file = env.outside("README.md");
    std::fs::write(&file, "a\n<<<<<<< main\nb\n=======\nc\n>>>>>>> mine\n").unwrap();
    let file = file.to_str().unwrap();
    let words = ["execution", "resolve", "mine", "README.md", "--file", file];
    env.run(&words)
        .exits(2)
        .says(&["README.md", "line 2", "--with-markers"]);
    assert_eq!(conflicts(&env, "mine")[0]["resolved"], json!(null));
    let decided = resolve(&env, "README.md", &["--file", file, "--with-markers"]);
    assert_eq!(decided["done"], true, "{decided}");
}

#[test]
fn a_list_of_executions_says_which_merge_waits_and_for_what() {
    let env = env();
    conflict(&env);
    let standing = |word: &str| {
        let listed = env.run(&["execution", "list"]).exits(0).stdout;
        let json = env.run(&["execution", "list", "--json"]).exits(0).json();
        let line = listed.lines().find(|line| line.starts_with("mine"));
        assert!(line.unwrap().contains(word), "{listed}");
        json[0]["merge_waits"].clone()
    };
    assert_eq!(standing("in conflict"), "in-conflict");
    resolve(&env, "README.md", &["--theirs"]);
    assert_eq!(standing("kept"), json!(null));
    env.write("README.md", "not committed\n");
    merge(&env, "mine", 4, &[]);
    assert_eq!(standing("ready to merge"), "ready-to-merge");
    // A further call is in no merge yet.
    write(&env, "mine", "later", "x");
    assert_eq!(standing("kept"), json!(null));
    env.git(&["checkout", "--quiet", "--", "README.md"]);
    merge(&env, "mine", 0, &[]);
    assert_eq!(standing("merged"), json!(null));
}
