//! The second wall around this process: what the settings need stays open, everything else goes.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::members::footprints;
use crate::config::{Settings, Surroundings};
use crate::git;
use crate::model::{Wall, WallMode};
use crate::registry;
use crate::wall::{self, Plan, Ports, WallError};

/// What grants need outside of the repository.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// Files and folders that are read.
    pub read: Vec<PathBuf>,
    /// Files and folders that are changed.
    pub write: Vec<PathBuf>,
    /// TCP ports that are connected to.
    pub connect: Ports,
}

/// Confines this process to what the settings need, for good. Has to come before the first thread is started.
///
/// Where that cannot be had it says so once and goes on, unless it is required.
pub fn confine(settings: &Settings, mode: WallMode, needs: Needs) -> Result<Wall, WallError> {
    let why = match mode {
        WallMode::Off => return Ok(Wall::Off),
        WallMode::Required | WallMode::Auto => match wall::raise(&plan(settings, needs)) {
            Ok(abi) => return Ok(Wall::Enforced { abi }),
            Err(why) => why,
        },
    };
    if mode == WallMode::Required {
        return Err(WallError::Required { why: Box::new(why) });
    }
    tracing::warn!(
        "there is no second wall around this process: {why}; `--wall off` says that this is meant"
    );
    Ok(Wall::Missing {
        why: why.to_string(),
    })
}

/// Tells whether a folder holds the home directory, so that keeping it open keeps open all that a wall is for.
pub fn home_is_inside(folder: &Path, home: Option<&Path>) -> bool {
    home.is_some_and(|home| home.starts_with(folder))
}

fn plan(settings: &Settings, needs: Needs) -> Plan {
    let around = Surroundings::read();
    let home = around.home.as_deref();
    let mut plan = Plan {
        read: needs.read,
        list: Vec::new(),
        run: Vec::new(),
        write: needs.write,
        connect: needs.connect,
    };
    for (repo, git) in footprints(settings, &around) {
        plan.run.extend(git.run);
        plan.read.extend(git.read);
        plan.write.extend(git.write);
        if repo.is_none() && !home_is_inside(&settings.directory, home) {
            // It may become a repository while the process runs.
            plan.write.push(settings.directory.clone());
        }
    }
    for own in [&settings.cache, &settings.own] {
        make(own);
        plan.write.push(own.clone());
    }
    plugins(settings, &mut plan);
    for member in &settings.members {
        // What it checks merges by.
        plugins(&member.settings, &mut plan);
    }
    programs(&around, &mut plan);
    plan
}

/// Makes a folder of our own, because only what is there can stay open. Whoever uses it checks it, and says what is wrong.
fn make(folder: &Path) {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .unwrap_or_default();
}

/// Keeps the plugins' files open. What a repository brings may be a link to anywhere: of such, only WebAssembly is read.
fn plugins(settings: &Settings, plan: &mut Plan) {
    let listed = settings
        .plugins
        .iter()
        .filter_map(|entry| entry.path.as_ref());
    let folder = settings.parac.as_ref().map(|parac| parac.join("plugins"));
    let found = registry::discover(folder.as_deref(), listed).unwrap_or_default();
    let components = found.into_iter().map(|found| found.path);
    plan.read
        .extend(components.filter(|path| registry::is_wasm(path)));
    let Some(parac) = &settings.parac else {
        return;
    };
    let real = parac.parent().and_then(|parent| parent.canonicalize().ok());
    for name in ["config", "plugins"] {
        let inside = Path::new(".parac").join(name);
        let Ok(folder) = parac.join(name).canonicalize() else {
            continue;
        };
        if real
            .as_ref()
            .is_some_and(|real| real.join(inside) == folder)
        {
            plan.read.push(folder);
        } else {
            plan.list.push(folder);
        }
    }
}

/// Keeps open what git, and what it starts, is made of.
fn programs(around: &Surroundings, plan: &mut Plan) {
    let home = around.home.as_deref();
    let folders: Vec<_> = around
        .programs
        .iter()
        .filter(|folder| !home_is_inside(folder, home))
        .collect();
    let git = folders.iter().map(|folder| folder.join("git"));
    if let Some(git) = git.into_iter().find(|git| git.is_file()) {
        plan.run.extend(git::installed(&git));
    }
    plan.run.extend(folders.into_iter().cloned());
    let libraries = around.libraries.iter();
    plan.run.extend(
        libraries
            .filter(|folder| !home_is_inside(folder, home))
            .cloned(),
    );
    if !plan.connect.is_none() {
        plan.read.extend(around.certificates.iter().cloned());
    }
}
