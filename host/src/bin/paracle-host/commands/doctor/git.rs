//! Checks of git and of the repository.

use paracle_host::config::{Settings, Surroundings, line_of_base_branch};
use paracle_host::execution::{ExecutionError, Executions};
use paracle_host::flow::home_is_inside;
use paracle_host::git::{GitError, GitProgram, Repo};

use super::check::Check;

pub(super) fn program() -> Check {
    match GitProgram::ask() {
        Ok(GitProgram {
            version,
            merges: true,
        }) => Check::ok("git", format!("version {version}")),
        Ok(GitProgram {
            version,
            merges: false,
        }) => Check::problem(
            "git",
            format!("version {version} cannot merge without a working tree"),
            "install git 2.38 or newer",
        ),
        Err(error) => Check::problem("git", error.to_string(), "install git 2.38 or newer"),
    }
}

pub(super) fn repository(settings: &Settings) -> Vec<Check> {
    let name = "repository";
    let repo = match Repo::discover(&settings.directory) {
        Ok(repo) => repo,
        Err(error @ GitError::NoRepository { .. }) => {
            let todo = "plugins that change files need one: `git init`, and a first commit";
            return vec![Check::warning(name, error.to_string(), todo)];
        }
        Err(error) => {
            let todo = "no plugin can change a file until git can open it";
            return vec![Check::problem(name, error.to_string(), todo)];
        }
    };
    let mut checks = vec![base(settings, &repo)];
    checks.extend(damaged(&Executions::new(repo.clone())));
    let home = Surroundings::read().home;
    if let Some(root) = repo
        .workdir()
        .filter(|root| home_is_inside(root, home.as_deref()))
    {
        checks.push(Check::warning(
            name,
            format!(
                "{} holds your home directory, so no wall keeps the host from what is in there",
                root.display()
            ),
            "work in a repository of its own",
        ));
    }
    checks
}

fn base(settings: &Settings, repo: &Repo) -> Check {
    let name = "repository";
    let shown = repo.workdir().unwrap_or_else(|| repo.git_dir()).display();
    let branch = settings.git.base_branch.as_ref().map(ToString::to_string);
    let executions = Executions::new(repo.clone());
    match executions.base(branch.as_deref()) {
        Ok(base) => match repo.try_git(&base.commit) {
            Ok(()) => Check::ok(name, format!("{shown} works, with git and without")),
            Err(error) => Check::problem(
                name,
                error.to_string(),
                "`git status` and `git merge-tree` have to work there",
            ),
        },
        Err(ExecutionError::Git(error @ GitError::Unborn { .. })) => Check::warning(
            name,
            error.to_string(),
            "make a first commit: executions begin with one",
        ),
        Err(error) => match branch {
            Some(branch) => Check::problem(
                name,
                format!("{} is `base_branch: {branch}`: {error}", line(settings)),
                other_branch(&executions),
            ),
            None => Check::problem(
                name,
                error.to_string(),
                "executions have nothing to begin with",
            ),
        },
    }
}

/// Names the executions whose state cannot be read.
fn damaged(executions: &Executions) -> Vec<Check> {
    let damaged = match executions.look() {
        Ok((_, damaged)) => damaged,
        Err(error) => {
            let todo = "no execution can be listed until git can read its refs";
            return vec![Check::problem("executions", error.to_string(), todo)];
        }
    };
    let damaged = damaged.into_iter().map(|one| {
        let todo = format!("`paracle-host execution discard {} --force`", one.id);
        let found = format!("{} is damaged: {}", one.id, one.reason);
        Check::problem("executions", found, todo)
    });
    damaged.collect()
}

/// Names the file and the line that say which branch executions begin with.
fn line(settings: &Settings) -> String {
    let parac = settings.parac.as_deref();
    let file = parac.map_or_else(
        || "git.yaml".to_owned(),
        |parac| parac.join("config").join("git.yaml").display().to_string(),
    );
    match parac.and_then(line_of_base_branch) {
        Some(line) => format!("{file}:{line}"),
        None => file,
    }
}

/// Says what to write instead.
fn other_branch(executions: &Executions) -> String {
    let there = executions.base(None).ok().and_then(|base| base.branch);
    let such = there
        .map(|branch| format!(", such as `base_branch: {branch}`"))
        .unwrap_or_default();
    format!(
        "write a branch there that exists{such}, or take the line out: then it is the branch that HEAD is on; until then no plugin can change a file"
    )
}
