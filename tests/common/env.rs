//! The world of one test.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use paracle_sample_artifacts::{ALL, fixtures};
use tempfile::TempDir;

use super::{McpServer, Output};

/// The key of the person who runs the tests.
const KEY: [u8; 32] = *b"the tests' key, which is public!";

/// A repository with one commit on `main`, and nothing of the machine's own configuration.
pub(crate) struct TestEnv {
    folder: TempDir,
}

impl TestEnv {
    /// Makes a repository with a few files.
    pub(crate) fn new() -> Self {
        let env = Self::bare_folder();
        env.git(&["init", "--quiet", "--initial-branch=main", "."]);
        env.write("README.md", "# A repository\n");
        env.write("src/main.rs", "fn main() {}\n");
        env.write(".gitignore", "/.parac/\n");
        env.git(&["add", "--all"]);
        env.git(&["commit", "--quiet", "--message=first"]);
        env
    }

    /// Makes a clone of this very repository; where its history is not at hand, a repository of its files.
    pub(crate) fn real() -> Self {
        let env = Self::bare_folder();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let from = source.to_str().unwrap();
        if source.join(".git").exists() {
            // A folder of another owner is none of git's business elsewhere; here it is the test's own source.
            env.git(&[
                "-c",
                "safe.directory=*",
                "clone",
                "--quiet",
                "--no-hardlinks",
                from,
                ".",
            ]);
            // A build farm may have checked a bare commit out.
            env.git(&["checkout", "--quiet", "-B", "main"]);
        } else {
            env.git(&["init", "--quiet", "--initial-branch=main", "."]);
            // What git ignores, such as what was built, stays out.
            env.git(&["--git-dir=.git", "--work-tree", from, "add", "--all"]);
            env.git(&["commit", "--quiet", "--message=the files"]);
            env.git(&["checkout", "--quiet", "--", "."]);
        }
        env
    }

    /// Makes a folder that is no repository.
    pub(crate) fn bare_folder() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("paracle-")
            // Not below the build folder: a test without a repository would find this one.
            .tempdir()
            .unwrap();
        fs::create_dir_all(folder.path().join("repo")).unwrap();
        let env = Self { folder };
        // All tests have one person's key, because they share what is compiled: another's would be compiled again.
        fs::create_dir_all(env.own()).unwrap();
        fs::set_permissions(env.own(), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(env.own().join("key"), KEY).unwrap();
        fs::set_permissions(env.own().join("key"), fs::Permissions::from_mode(0o600)).unwrap();
        env
    }

    /// A repository with guests in `.parac/plugins` and a `plugins.yaml`.
    pub(crate) fn with_plugins(names: &[&str], yaml: &str) -> Self {
        let env = Self::new();
        env.install(names, yaml);
        env
    }

    /// Puts guests into `.parac/plugins`, and writes `plugins.yaml`.
    pub(crate) fn install(&self, names: &[&str], yaml: &str) {
        for name in names {
            self.write_bytes(&format!(".parac/plugins/{name}.wasm"), guest(name));
        }
        self.write(".parac/config/plugins.yaml", yaml);
    }

    /// A repository with guests and grants that reach beyond it, which the person approved; `$BESIDE` in the text is
    /// [`beside`](Self::beside)'s folder.
    #[track_caller]
    pub(crate) fn with_grants(names: &[&str], yaml: &str) -> Self {
        let env = Self::new();
        let beside = env.beside("");
        env.install(names, &yaml.replace("$BESIDE", beside.to_str().unwrap()));
        env.trust(names);
        env
    }

    /// Approves plugins with what `plugins.yaml` grants them beyond the repository.
    #[track_caller]
    pub(crate) fn trust(&self, names: &[&str]) {
        self.run(&[&["grant", "trust"], names].concat()).exits(0);
    }

    /// Returns a path in a folder beside the repository, which is made.
    pub(crate) fn beside(&self, path: &str) -> PathBuf {
        let folder = self.folder.path().join("beside");
        fs::create_dir_all(&folder).unwrap();
        if path.is_empty() {
            return folder;
        }
        folder.join(path)
    }

    /// Returns the person's own folder.
    pub(crate) fn own(&self) -> PathBuf {
        self.home().join(".config/paracle-host")
    }

    /// Returns a place beside the repository that nothing names.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        let outside = self.folder.path().join("outside");
        fs::create_dir_all(&outside).unwrap();
        outside.join(name)
    }

    /// Checks a new branch out in a folder of its own, beside the repository, and returns that.
    pub(crate) fn linked_tree(&self, branch: &str) -> PathBuf {
        let tree = self.outside("tree");
        let words = ["worktree", "add", "--quiet", "-b", branch];
        self.git(&[&words[..], &[tree.to_str().unwrap()]].concat());
        tree
    }

    /// Writes a file into the person's own folder, readable to the person alone, and returns its path.
    pub(crate) fn write_own(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        fs::create_dir_all(self.own()).unwrap();
        let path = self.own().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Returns the repository's folder.
    pub(crate) fn repo(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    /// Returns the folder that the program takes for the person's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        self.write_bytes(path, text.as_bytes());
    }

    pub(crate) fn write_bytes(&self, path: &str, bytes: &[u8]) {
        let path = self.repo().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.repo().join(path)).unwrap()
    }

    /// A program with the tests' surroundings.
    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path().join("home"))
            // Compiled code is keyed by its bytes: sharing it makes the tests quicker and no less apart.
            .env(
                "PARACLE_CACHE_DIR",
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"),
            )
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Test")
            .env("GIT_AUTHOR_EMAIL", "test@example.com")
            .env("GIT_COMMITTER_NAME", "Test")
            .env("GIT_COMMITTER_EMAIL", "test@example.com")
            .stdin(Stdio::null());
        command
    }

    /// The program, in a folder of the repository.
    pub(crate) fn program_in(&self, folder: &str) -> Command {
        // What takes a million calls is tried on the build that people install.
        let other = std::env::var("PARACLE_HOST");
        let program = other
            .as_deref()
            .unwrap_or(env!("CARGO_BIN_EXE_paracle-host"));
        self.command(program, &self.repo().join(folder))
    }

    /// Runs the program in the repository. How it ended is for the caller to check.
    #[must_use]
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_in("", arguments)
    }

    /// Runs the program in a folder of the repository.
    #[must_use]
    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Output {
        self.program_in(folder)
            .args(arguments)
            .output()
            .unwrap()
            .into()
    }

    /// Starts `mcp serve --stdio`.
    pub(crate) fn mcp(&self) -> McpServer {
        let mut command = self.program_in("");
        command.args(["mcp", "serve", "--stdio"]);
        McpServer::start(command, Stdio::null())
    }

    /// Starts `mcp serve --stdio` with all of the guests' lines in a log, which [`log`](Self::log) reads.
    pub(crate) fn mcp_with_log(&self) -> McpServer {
        let mut command = self.program_in("");
        command.args(["mcp", "serve", "--stdio", "-v"]);
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        McpServer::start(command, log.into())
    }

    /// Returns what the server logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Runs git, which has to work, and returns what it said.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output: Output = self
            .command("git", &self.repo())
            .args(arguments)
            .output()
            .unwrap()
            .into();
        output.exits(0).stdout
    }

    /// All that a person would call theirs: the files with their times, the index, HEAD, and what `git status` says.
    pub(crate) fn checkout(&self) -> String {
        // `git status` first: it may refresh the index, as it would for a person.
        let status = self.git(&["status", "--porcelain=v2", "--branch", "--ignored=no"]);
        let files = self.git(&["ls-files", "--cached", "--others", "--exclude-standard"]);
        let files = files.lines().map(|path| {
            let file = self.repo().join(path);
            let modified = fs::symlink_metadata(&file).and_then(|metadata| metadata.modified());
            format!("{path} {:?} {:?}", modified.ok(), fs::read(&file).ok())
        });
        let own = ["HEAD", "index"]
            .map(|name| format!("{:?}", fs::read(self.repo().join(".git").join(name)).ok()));
        files
            .chain(own)
            .chain([status, self.git(&["rev-parse", "HEAD"])])
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Expects the repository to be whole.
    #[track_caller]
    pub(crate) fn fsck(&self) {
        let said = self.git(&["fsck", "--strict", "--no-dangling"]);
        assert!(
            !said.contains("error") && !said.contains("missing"),
            "{said}"
        );
    }
}

/// Returns the component of a sample plugin or of a test guest.
pub(crate) fn guest(name: &str) -> &'static [u8] {
    ALL.iter()
        .chain(fixtures::ALL)
        .find(|(other, _)| *other == name)
        .unwrap_or_else(|| panic!("there is no guest {name}"))
        .1
}
