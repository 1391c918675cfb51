//! Two repositories, and what the tests of them do again and again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::common::{Output, TestEnv};

pub(super) const PLUGINS: &str = "plugins:
  - {name: reach, grants: {workspace: read-write}}
  - {name: files, grants: {workspace: read-write}}
";

/// A repository `repo` with plugins, and one `lib` beside it, whose main branch is not checked out.
pub(super) struct Two {
    pub(super) env: TestEnv,
    pub(super) lib: PathBuf,
}

impl Two {
    pub(super) fn new() -> Self {
        let env = TestEnv::with_plugins(&["reach", "files"], PLUGINS);
        let lib = env.outside("lib");
        let two = Self { env, lib };
        two.make(&two.lib);
        two.lib(&["checkout", "--quiet", "-b", "elsewhere"]);
        two.configure("");
        two
    }

    /// Makes a repository with two files.
    pub(super) fn make(&self, at: &Path) {
        fs::create_dir_all(at.join("src")).unwrap();
        self.git(at, &["init", "--quiet", "--initial-branch=main", "."]);
        fs::write(at.join("README.md"), "# A library\n").unwrap();
        fs::write(at.join("src/lib.rs"), "// empty\n").unwrap();
        fs::write(at.join(".gitignore"), "/.parac/\n").unwrap();
        self.git(at, &["add", "--all"]);
        self.git(at, &["commit", "--quiet", "--message=first"]);
    }

    /// Writes the `git.yaml` of `lib`, whose executions begin at its main branch.
    pub(super) fn configure(&self, more: &str) {
        let folder = self.lib.join(".parac/config");
        fs::create_dir_all(&folder).unwrap();
        let yaml = format!("base_branch: main\n{more}");
        fs::write(folder.join("git.yaml"), yaml).unwrap();
    }

    /// Runs git in a folder.
    #[track_caller]
    pub(super) fn git(&self, at: &Path, words: &[&str]) -> String {
        let done: Output = self
            .env
            .command("git", at)
            .args(words)
            .output()
            .unwrap()
            .into();
        done.exits(0).stdout.trim_end().to_owned()
    }

    /// Runs git in `lib`.
    #[track_caller]
    pub(super) fn lib(&self, words: &[&str]) -> String {
        self.git(&self.lib, words)
    }

    /// The program, told of both repositories.
    pub(super) fn program(&self, words: &[&str]) -> Command {
        let mut program = self.env.program_in("");
        program.args(["--repo", "."]).arg("--repo").arg(&self.lib);
        program.args(words);
        program
    }

    /// Runs the program with both repositories.
    pub(super) fn run(&self, words: &[&str]) -> Output {
        self.program(words).output().unwrap().into()
    }

    /// Runs the program in `lib` alone.
    pub(super) fn run_in_lib(&self, words: &[&str]) -> Output {
        let lib = self.lib.to_str().unwrap();
        self.env.run(&[&["--repo", lib], words].concat())
    }

    /// Takes steps in one call of an execution, and returns the receipt.
    #[track_caller]
    pub(super) fn try_steps(&self, id: &str, steps: &Value, more: &[&str]) -> Value {
        let arguments = json!({ "steps": steps }).to_string();
        let words = [
            &["run", "reach__try", "--args", &arguments, "--execution", id],
            &["--json"][..],
            more,
        ];
        self.run(&words.concat()).exits(0).json()
    }

    /// Writes a file in each repository by one call of an execution.
    #[track_caller]
    pub(super) fn write_both(&self, id: &str, more: &[&str]) -> Value {
        let steps = json!([
            {"what": "write", "path": "/workspace/repo/README.md", "with": "of a call\n"},
            {"what": "write", "path": "/workspace/lib/README.md", "with": "of a call\n"},
        ]);
        let receipt = self.try_steps(id, &steps, more);
        assert!(outcomes(&receipt).iter().all(|one| one["ok"] == true));
        receipt
    }

    /// Merges an execution from the main repository, and returns what became of it.
    #[track_caller]
    pub(super) fn merge(&self, id: &str, exit: i32) -> Value {
        let merged = self.env.run(&["git", "merge", id, "--json"]);
        merged.exits(exit).json()
    }

    /// Returns the commits that the main branches are at.
    pub(super) fn mains(&self) -> (String, String) {
        let main = ["rev-parse", "refs/heads/main"];
        (self.env.git(&main).trim_end().to_owned(), self.lib(&main))
    }

    /// Returns what the main branches have for a README.
    pub(super) fn readmes(&self) -> (String, String) {
        let show = ["show", "main:README.md"];
        (self.env.git(&show).trim_end().to_owned(), self.lib(&show))
    }

    /// Commits a README on `lib`'s main branch as its person, and returns the commit, which the branch is not at yet.
    pub(super) fn commit_beside(&self, text: &str, path: &str) -> String {
        let tree = self.env.outside(&format!("tree-{}", text.len()));
        let at = tree.to_str().unwrap();
        self.lib(&["worktree", "add", "--quiet", "--detach", at, "main"]);
        fs::write(tree.join(path), text).unwrap();
        self.git(&tree, &["add", "--all"]);
        self.git(&tree, &["commit", "--quiet", "--message=a person's own"]);
        let commit = self.git(&tree, &["rev-parse", "HEAD"]);
        self.lib(&["worktree", "remove", at]);
        commit
    }

    /// Where git locks `lib`'s main branch.
    pub(super) fn lock(&self) -> PathBuf {
        self.lib.join(".git/refs/heads/main.lock")
    }

    /// Expects both repositories to be whole.
    #[track_caller]
    pub(super) fn fsck(&self) {
        self.env.fsck();
        let said = self.lib(&["fsck", "--strict", "--no-dangling"]);
        assert!(
            !said.contains("error") && !said.contains("missing"),
            "{said}"
        );
    }
}

/// Expects words on standard output.
#[track_caller]
pub(super) fn shows(output: Output, words: &[&str]) {
    let shown = output.exits(0).stdout;
    for word in words {
        assert!(shown.contains(word), "{word:?} is not in {shown}");
    }
}

/// Returns what came of each step.
pub(super) fn outcomes(receipt: &Value) -> Vec<Value> {
    let found = &receipt["reply"]["ok"]["structured"]["outcomes"];
    found
        .as_array()
        .unwrap_or_else(|| panic!("{receipt}"))
        .clone()
}
