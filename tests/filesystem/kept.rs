//! Sequences in which a fresh seed once found a slip, of the file system or of this comparison: always tried again.

use super::step::{Planned, Step};

/// Returns them; names are those of the fixture.
pub(super) fn sequences() -> Vec<Vec<Planned>> {
    [
        // Seed 101: a name of git's own that asks for a directory.
        vec![Step::MakeDir {
            dir: 0,
            path: "a/.git/".to_owned(),
        }],
        // Seed 103: the times of what is not there, left as they are.
        vec![Step::SetTimesAt {
            dir: 0,
            path: "e".to_owned(),
            follow: false,
            accessed: 0,
            modified: 0,
        }],
        // Seed 138: a way through what moves.
        vec![Step::Rename {
            from: 0,
            old: "a/../a".to_owned(),
            to: 0,
            new: ".git".to_owned(),
        }],
        // Seeds 139, 140 and 144: into itself, under a name of git's own.
        vec![Step::Rename {
            from: 0,
            old: "b".to_owned(),
            to: 0,
            new: "b/.git".to_owned(),
        }],
    ]
    .into_iter()
    .map(|steps| steps.into_iter().map(planned).collect())
    .collect()
}

fn planned(step: Step) -> Planned {
    Planned { step, undo: false }
}
