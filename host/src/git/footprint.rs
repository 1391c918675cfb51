//! Which files git touches when it works in a repository: what has to stay open where all others are shut.

use std::path::{Path, PathBuf};

use super::Repo;
use super::footprint_config::Configured;

/// Alternates of alternates are followed this far, as git itself does.
const ALTERNATES: u32 = 5;

/// Submodules of submodules are looked for this far below the git directory.
const MODULES: u32 = 6;

/// The files and folders of libgit2 and of the `git` program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Read alone.
    pub read: Vec<PathBuf>,
    /// Read, with programs in them that git may start.
    pub run: Vec<PathBuf>,
    /// Read and changed.
    pub write: Vec<PathBuf>,
    /// What git obeys or runs, wherever it is: its settings, and the hooks and programs that they name.
    pub obeyed: Vec<PathBuf>,
}

impl Footprint {
    /// Finds what git touches: `configuration` are the files and folders of the person's and the system's settings, `home`
    /// is what `~` means in them.
    pub fn of(repo: Option<&Repo>, configuration: &[PathBuf], home: Option<&Path>) -> Self {
        let mut footprint = Self {
            read: configuration.to_vec(),
            ..Self::default()
        };
        let mut files: Vec<PathBuf> = configuration
            .iter()
            .flat_map(|path| [path.clone(), path.join("config")])
            .collect();
        if let Some(repo) = repo {
            footprint.repository(repo);
            files.push(repo.common_dir().join("config"));
            files.push(repo.git_dir().join("config.worktree"));
        }
        let configured = Configured::read(files, home);
        footprint.obeyed = [
            configuration,
            &configured.files,
            &configured.included,
            &configured.programs,
        ]
        .concat();
        footprint.hooks(repo, &configured.hooks);
        footprint.read.extend(configured.files);
        // Of one that is not there, nothing has to stay open.
        for program in configured.programs.iter().filter(|path| path.is_file()) {
            footprint.run.extend(installed(program));
        }
        if configured.runs_programs {
            // A filter or a merge driver of the repository's own may lie in its working tree.
            footprint
                .run
                .extend(repo.and_then(Repo::workdir).map(Path::to_owned));
        }
        footprint
    }

    /// Adds the folders of hooks, and the links in them and in the git directories: single hooks may lie elsewhere.
    fn hooks(&mut self, repo: Option<&Repo>, configured: &[PathBuf]) {
        // Git looks for a path that is not whole in the working tree, where hooks run, and each checkout is one.
        let mut trees = Vec::new();
        let mut folders = Vec::new();
        if let Some(repo) = repo {
            trees.extend(repo.other_checkouts());
            trees.extend(repo.workdir().map(Path::to_owned));
            folders.push(repo.common_dir().join("hooks"));
            for folder in [repo.git_dir(), repo.common_dir()] {
                self.obeyed.extend(links_in(folder));
            }
        }
        if trees.is_empty() {
            trees.push(PathBuf::from("/"));
        }
        for hooks in configured {
            folders.extend(trees.iter().map(|tree| tree.join(hooks)));
        }
        for folder in folders {
            self.obeyed.extend(links_in(&folder));
            self.obeyed.push(folder);
        }
    }

    fn repository(&mut self, repo: &Repo) {
        for folder in [repo.git_dir(), repo.common_dir()] {
            self.write.push(folder.to_owned());
            self.write.extend(links(folder));
        }
        self.write.extend(repo.workdir().map(Path::to_owned));
        // A branch that is checked out elsewhere is moved there.
        self.write.extend(repo.other_checkouts());
        alternates(
            &repo.common_dir().join("objects"),
            ALTERNATES,
            &mut self.read,
        );
        modules(&repo.common_dir().join("modules"), MODULES, &mut self.read);
    }
}

impl Repo {
    /// Lists the roots of the other working trees of the repository, as far as they can be found.
    fn other_checkouts(&self) -> Vec<PathBuf> {
        let found = self.with(|git| {
            let names = git
                .worktrees()
                .map_err(|error| self.library("list the working trees", &error))?;
            let mut roots: Vec<PathBuf> = names
                .iter()
                .filter_map(|name| git.find_worktree(name.ok().flatten()?).ok())
                .map(|tree| tree.path().to_owned())
                .collect();
            if self.git_dir() != self.common_dir() {
                let main = git2::Repository::open(self.common_dir()).ok();
                roots.extend(
                    main.as_ref()
                        .and_then(|main| main.workdir())
                        .map(Path::to_owned),
                );
            }
            Ok(roots)
        });
        found.unwrap_or_default()
    }
}

/// Returns the folders that a program, such as `X/bin/git`, finds its own parts in: beside it, and where a link to it leads.
pub fn installed(program: &Path) -> Vec<PathBuf> {
    let target = std::fs::canonicalize(program).ok();
    let mut folders = Vec::new();
    for program in [Some(program), target.as_deref()].into_iter().flatten() {
        folders.push(program.to_owned());
        let Some(bin) = program.parent().filter(|folder| folder.ends_with("bin")) else {
            continue;
        };
        folders.push(bin.to_owned());
        if let Some(prefix) = bin.parent() {
            folders.extend(
                [
                    "lib",
                    "lib64",
                    "libexec",
                    "share/git-core",
                    "etc/gitconfig",
                    "pyvenv.cfg",
                ]
                .map(|part| prefix.join(part)),
            );
        }
    }
    folders
}

/// Returns where the links in a git directory lead: some keep their objects or their configuration elsewhere.
fn links(folder: &Path) -> Vec<PathBuf> {
    let links = links_in(folder);
    links
        .iter()
        .filter_map(|link| std::fs::canonicalize(link).ok())
        .collect()
}

/// Lists the links that are directly in a folder.
pub fn links_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()))
        .map(|entry| entry.path())
        .collect()
}

/// Adds the object databases that another one borrows from.
fn alternates(objects: &Path, depth: u32, into: &mut Vec<PathBuf>) {
    if depth == 0 {
        return;
    }
    #[expect(clippy::disallowed_methods, reason = "`git` reads git's own files")]
    let Ok(list) = std::fs::read_to_string(objects.join("info").join("alternates")) else {
        return;
    };
    for line in list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        // Git quotes a path with a line's end or a quote in it; any other is as it stands.
        let path = line
            .strip_prefix('"')
            .and_then(|line| line.strip_suffix('"'));
        let other = objects.join(path.unwrap_or(line));
        if !into.contains(&other) {
            into.push(other.clone());
            alternates(&other, depth - 1, into);
        }
    }
}

/// Adds what submodules borrow from: `git status` looks into them.
fn modules(folder: &Path, depth: u32, into: &mut Vec<PathBuf>) {
    let Ok(entries) = folder.read_dir() else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let objects = path.join("objects");
        if objects.is_dir() {
            alternates(&objects, ALTERNATES, into);
            modules(&path.join("modules"), depth.saturating_sub(1), into);
        } else if depth > 0 {
            modules(&path, depth - 1, into);
        }
    }
}
