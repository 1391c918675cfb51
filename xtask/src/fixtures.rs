//! A scratch repository that offers the fixtures of the conformance suite, all of them from inside the sandbox.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{capture, cargo, show, target_folder};
use crate::error::{At as _, Error};
use crate::guests;
use crate::scratch_repository::git;
use crate::wasm_std;

/// The guests, by their packages' names.
const GUESTS: [&str; 2] = ["conformance", "long-calls"];

/// What they are granted: to ask whoever calls, and the caller's model.
const PLUGINS: &str = "\
plugins:
  - {name: conformance, grants: {ask: true, completions: [client]}}
  - {name: long-calls, grants: {ask: true}}
";

/// The suite's tools have names of their own.
const MCP: &str = "names: plain\n";

/// A repository, and the program that serves it.
pub(crate) struct Fixtures {
    pub(crate) host: PathBuf,
    pub(crate) repository: PathBuf,
    home: PathBuf,
}

impl Fixtures {
    /// Builds the program and the guests, and makes the repository anew.
    pub(crate) fn make(folder: &str) -> Result<Self, Error> {
        let target = wasm_std::provide()?;
        show(cargo().args(["build", "--locked", "--package", "paracle-host"]))?;
        let built = guests::build("tests/guests", &GUESTS, &target)?;
        let folder = target_folder().join(folder);
        if folder.exists() {
            fs::remove_dir_all(&folder).at("remove", &folder)?;
        }
        let fixtures = Self {
            host: target_folder().join("debug/paracle-host"),
            repository: folder.join("repository"),
            home: folder.join("home"),
        };
        fixtures.fill(&built)?;
        Ok(fixtures)
    }

    fn fill(&self, built: &Path) -> Result<(), Error> {
        let parac = self.repository.join(".parac");
        let (plugins, config) = (parac.join("plugins"), parac.join("config"));
        for folder in [&plugins, &config, &self.home] {
            fs::create_dir_all(folder).at("make", folder)?;
        }
        for guest in GUESTS {
            let file = built.join(format!("{}.wasm", guest.replace('-', "_")));
            fs::copy(&file, plugins.join(format!("{guest}.wasm"))).at("copy", &file)?;
        }
        for (name, text) in [("plugins.yaml", PLUGINS), ("mcp.yaml", MCP)] {
            fs::write(config.join(name), text).at("write", config.join(name))?;
        }
        capture(git(&self.repository).args(["init", "--quiet", "--initial-branch=main"]))?;
        capture(git(&self.repository).args([
            "commit",
            "--quiet",
            "--allow-empty",
            "--message",
            "first",
        ]))?;
        // What they ask for reaches beyond the repository: a person's word is needed.
        capture(self.program().args(["grant", "trust"]).args(GUESTS)).map(drop)
    }

    /// Prepares a call of the program in the repository, with a home of its own.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(&self.host);
        command.current_dir(&self.repository);
        for (name, value) in self.variables() {
            command.env(name, value);
        }
        command
    }

    /// Returns what the program has to find in its environment.
    pub(crate) fn variables(&self) -> [(&'static str, PathBuf); 2] {
        [
            ("HOME", self.home.clone()),
            ("PARACLE_CONFIG_DIR", self.home.join("paracle-host")),
        ]
    }
}
