//! Steps that are taken back at once: where one of two file systems refuses what the other does, both are to go on with the
//! same names.

use wasip2::filesystem::types::PathFlags;

use crate::run::{Ended, Run, done};
use crate::step::Step;

/// Does a step that makes a name, and removes the name if that worked.
pub(crate) fn step(run: &mut Run, step: &Step) -> Ended {
    match step {
        Step::Open { dir, path, how, .. } => {
            drop(run.open(*dir, path, *how)?);
            done(run.slot(*dir)?.unlink_file_at(path))
        }
        Step::MakeDir { dir, path } => {
            run.call(step)?;
            // The built-in file system removes nothing that is named with a slash at its end.
            let made = path.trim_end_matches('/');
            done(run.slot(*dir)?.remove_directory_at(made))
        }
        Step::Symlink { dir, path, .. } => {
            run.call(step)?;
            done(run.slot(*dir)?.unlink_file_at(path))
        }
        Step::Link { to, new, .. } => {
            run.call(step)?;
            done(run.slot(*to)?.unlink_file_at(new))
        }
        Step::Rename { from, old, to, new } => {
            // What is replaced could not be brought back.
            if run.slot(*to)?.stat_at(PathFlags::empty(), new).is_ok() {
                return Ok("replaces".to_owned());
            }
            run.call(step)?;
            let (to, from) = (run.slot(*to)?, run.slot(*from)?);
            // A way through what has moved leads nowhere any more.
            done(to.rename_at(new, from, old))
                .or_else(|_| done(to.rename_at(new, from, &without_returns(old))))
        }
        _ => Err("cannot be taken back".to_owned()),
    }
}

/// Leaves out each name that a `..` comes back from.
fn without_returns(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        if name == ".." && names.last().is_some_and(|last| *last != "..") {
            names.pop();
        } else {
            names.push(name);
        }
    }
    names.join("/")
}
