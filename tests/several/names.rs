//! What several repositories are called, and which folders are such.

use serde_json::json;

use super::work::{Two, outcomes};

/// Lists the workspace of the repositories that words name.
fn listed(two: &Two, repos: &[&str]) -> String {
    let mut words = Vec::new();
    for repo in repos {
        words.extend(["--repo", repo]);
    }
    let arguments = json!({"steps": [{"what": "list", "path": "/workspace"}]}).to_string();
    words.extend(["run", "reach__try", "--json", "--args", &arguments]);
    let receipt = two.env.run(&words).exits(0).json();
    outcomes(&receipt)[0]["detail"].as_str().unwrap().to_owned()
}

#[test]
fn a_repository_is_called_as_its_folder_or_as_a_person_says() {
    let two = Two::new();
    let lib = two.lib.to_str().unwrap();
    assert_eq!(listed(&two, &[".", lib]), "lib repo");
    assert_eq!(listed(&two, &[".", &format!("kit={lib}")]), "kit repo");
    // A name says that it is one of several, alone too.
    assert_eq!(listed(&two, &["app=."]), "app");
    // A folder in it is in it.
    assert_eq!(listed(&two, &["src", &format!("{lib}/src")]), "lib repo");
}

#[test]
fn a_name_that_cannot_be_is_refused_with_the_way_out() {
    let two = Two::new();
    let odd = two.env.outside("an odd name");
    two.make(&odd);
    let odd = odd.to_str().unwrap();
    let words = ["run", "files__list"];
    let run = |more: &[&str]| two.env.run(&[more, &words].concat());
    run(&["--repo", ".", "--repo", odd]).exits(2).says(&[
        "an odd name",
        "write `--repo NAME=",
        odd,
    ]);
    assert_eq!(listed(&two, &[".", &format!("odd={odd}")]), "odd repo");
    let other = two.env.outside("more/lib");
    two.make(&other);
    let (lib, other) = (two.lib.to_str().unwrap(), other.to_str().unwrap());
    run(&["--repo", lib, "--repo", other])
        .exits(2)
        .says(&["two repositories are called lib", "--repo lib-2="]);
}

#[test]
fn two_folders_of_one_repository_are_refused() {
    let two = Two::new();
    let tree = two.env.outside("tree");
    two.env
        .git(&["worktree", "add", "--quiet", tree.to_str().unwrap()]);
    for other in ["src", tree.to_str().unwrap()] {
        two.env
            .run(&["--repo", ".", "--repo", other, "run", "files__list"])
            .exits(2)
            .says(&["are in one repository"]);
    }
}

#[test]
fn a_linked_working_tree_is_one_of_several() {
    let two = Two::new();
    let tree = two.env.outside("tree");
    let at = tree.to_str().unwrap();
    two.lib(&["worktree", "add", "--quiet", "-b", "work", at]);
    assert_eq!(listed(&two, &[".", at]), "repo tree");
    let words = ["--repo", ".", "--repo", at, "run", "files__write"];
    let more = ["path=tree/new.md", "content=x", "--merge", "--json"];
    two.env.run(&[&words[..], &more].concat()).exits(0);
    assert_eq!(two.lib(&["show", "work:new.md"]), "x");
    assert_eq!(std::fs::read_to_string(tree.join("new.md")).unwrap(), "x");
}

#[test]
fn a_folder_that_is_no_repository_is_refused() {
    let two = Two::new();
    let beside = two.env.beside("");
    let beside = beside.to_str().unwrap();
    two.env
        .run(&["--repo", ".", "--repo", beside, "run", "files__list"])
        .exits(2)
        .says(&["several repositories were named, and one cannot be used"]);
}

#[test]
fn a_command_of_one_repository_refuses_several() {
    let two = Two::new();
    for words in [
        &["execution", "list"][..],
        &["git", "merge", "x"],
        &["grant", "list"],
        &["audit", "verify"],
        &["plugin", "list"],
    ] {
        two.run(words)
            .exits(2)
            .says(&["this command works in one repository"]);
    }
    let lib = two.lib.to_str().unwrap();
    two.env
        .run(&["--repo", ".", "run", "files__list", "--repo", lib])
        .exits(2)
        .says(&["before the command and after it"]);
    // Plugins are the first one's.
    two.env
        .run(&["run", "files__list", "--repo", lib, "--repo", "."])
        .exits(2)
        .says(&["there is no plugin files in lib (", "the first `--repo`"]);
    two.env
        .run(&["run", "files__list", "--repo", &format!(".git={lib}")])
        .exits(2)
        .says(&["\".git\" is not a name of a repository among several"]);
    two.run(&["run", "files__list", "--from", "main"])
        .exits(2)
        .says(&["`--from` and `--include-dirty`"]);
}

#[test]
fn an_execution_goes_on_in_the_repositories_that_it_began_in() {
    let two = Two::new();
    two.write_both("both", &[]);
    let words = [
        "run",
        "files__write",
        "path=x",
        "content=x",
        "--execution",
        "both",
    ];
    two.env.run(&words).exits(2).says(&[
        "execution both of ",
        "works in --repo repo=",
        "--repo lib=",
    ]);
    // One of the same name in one of them is another.
    two.run_in_lib(&["execution", "discard", "both"]).exits(0);
    let alone = [
        "run",
        "files__write",
        "path=x",
        "content=x",
        "--execution",
        "alone",
    ];
    two.env.run(&alone).exits(0);
    let words = [
        "run",
        "files__write",
        "path=repo/x",
        "content=x",
        "--execution",
        "alone",
    ];
    two.run(&words)
        .exits(2)
        .says(&["works in this repository alone"]);
}

#[test]
fn a_client_is_configured_for_several_repositories() {
    let two = Two::new();
    let config = two.run(&["mcp", "config", "--json"]).exits(0).json();
    let words = config["mcpServers"]["paracle"]["args"].to_string();
    assert!(words.contains("\"repo=/"), "{config}");
    assert!(words.contains("\"lib=/"), "{config}");
}
