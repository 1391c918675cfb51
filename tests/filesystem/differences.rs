//! Where the git tree answers otherwise than the built-in file system, and is meant to: `docs/filesystem.md` has the list.

use std::path::{Component, Path};

use super::step::Step;

/// A difference that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Difference {
    /// A git tree has no hard links.
    HardLink,
    /// Names that git, or the host, would take for their own are not made.
    OwnName,
    /// Links that lead out are not made.
    LinkOut,
    /// Names that are not UTF-8 are not listed.
    OddName,
    /// A read of nothing is not the end.
    EmptyRead,
    /// A directory that was opened to be changed says so.
    Mutable,
    /// A descriptor that was not opened for it gives no stream, rather than one that fails.
    NoStream,
    /// A slash, or a dot, at a path's end is taken as Linux takes it.
    Ending,
    /// Times of nothing are not left as they are.
    NoTimes,
}

impl Difference {
    /// Tells whether a step that the git tree answered so is one that the built-in file system may do: it does it, has to
    /// come to its end, and takes it back.
    pub(super) fn refused(step: &Step, ours: &str) -> Option<Self> {
        match (step, ours) {
            (Step::Link { .. }, "unsupported") => Some(Self::HardLink),
            (Step::Open { path, how, .. }, "not-permitted") if how.create => own(path),
            (Step::MakeDir { path, .. }, "not-permitted") => own(path),
            (Step::Rename { new, .. }, "not-permitted") => {
                // A link that stays inside may lead out at another place.
                own(new).or(Some(Self::LinkOut))
            }
            (Step::Symlink { target, path, .. }, "not-permitted") => {
                let settings = last(path) == ".gitmodules";
                let out = target.contains("..") || target.contains(".git") || settings;
                own(path).or(out.then_some(Self::LinkOut))
            }
            _ => None,
        }
    }

    /// Tells whether two answers differ as they are meant to.
    pub(super) fn told(step: &Step, ours: &str, theirs: &str) -> Option<Self> {
        match step {
            Step::Symlink { path, .. }
            | Step::ReadLink { path, .. }
            | Step::Unlink { path, .. }
            | Step::RemoveDir { path, .. }
                if both_fail(ours, theirs) && asks_for_directory(path) =>
            {
                Some(Self::Ending)
            }
            Step::Link { old, new, .. }
                if both_fail(ours, theirs)
                    && (asks_for_directory(old) || asks_for_directory(new)) =>
            {
                Some(Self::Ending)
            }
            Step::ReadStream { .. }
            | Step::WriteStream { .. }
            | Step::AppendStream { .. }
            | Step::Splice { .. }
                if ours == "bad-descriptor" =>
            {
                // Nothing asked of a stream that would fail is no error.
                let failed = theirs.starts_with("stream: ") || theirs == "ok" || theirs == "ok 0";
                failed.then_some(Self::NoStream)
            }
            Step::List(_) if theirs.contains("!illegal-byte-sequence") => {
                let shown: Vec<_> = theirs
                    .trim_start_matches("ok")
                    .trim()
                    .split(", ")
                    .filter(|name| !name.starts_with('!'))
                    .collect();
                let shown = format!("ok {}", shown.join(", "));
                (shown.trim_end() == ours).then_some(Self::OddName)
            }
            Step::Read { length: 0, .. } => {
                (theirs == format!("{ours} end")).then_some(Self::EmptyRead)
            }
            Step::SetTimesAt {
                follow: false,
                accessed: 0,
                modified: 0,
                ..
            } if ours == "no-entry" && theirs == "ok" => Some(Self::NoTimes),
            // A directory into itself, and under such a name.
            Step::Rename { new, .. } if ours == "not-permitted" && theirs == "invalid" => own(new),
            Step::Flags(_) => {
                let with = theirs.replace("READ)", "READ | MUTATE_DIRECTORY)");
                (with == ours).then_some(Self::Mutable)
            }
            _ => None,
        }
    }

    /// Returns a step in the words in which the built-in file system takes it as it was meant, where there are such words.
    pub(super) fn in_their_words(step: &Step) -> Option<Step> {
        let mut theirs = step.clone();
        match &mut theirs {
            // The built-in one removes `.` in it, which nobody can.
            Step::RemoveDir { path, .. } if path.ends_with('/') && !last(path).starts_with('.') => {
                path.truncate(path.trim_end_matches('/').len());
                (!path.is_empty()).then_some(theirs)
            }
            // The built-in one forgets the ending of a single name.
            Step::StatAt { path, follow, .. } | Step::SameHash { path, follow, .. } if !*follow => {
                let mut names = Path::new(path.as_str()).components();
                let single = matches!(
                    (names.next(), names.next()),
                    (Some(Component::Normal(name)), None) if name.to_str() != Some(path.as_str())
                );
                path.insert_str(0, "./");
                single.then_some(theirs)
            }
            _ => None,
        }
    }

    pub(super) const ALL: [Self; 9] = [
        Self::HardLink,
        Self::OwnName,
        Self::LinkOut,
        Self::OddName,
        Self::EmptyRead,
        Self::Mutable,
        Self::NoStream,
        Self::Ending,
        Self::NoTimes,
    ];
}

fn both_fail(ours: &str, theirs: &str) -> bool {
    !ours.starts_with("ok") && !theirs.starts_with("ok")
}

fn asks_for_directory(path: &str) -> bool {
    path.ends_with('/') || path.ends_with("/.")
}

/// Returns a path's last name.
fn last(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}

/// The names among those that the sequences use which are git's, or the host's, in some disguise.
fn own(path: &str) -> Option<Difference> {
    let own = [".git", ".GIT", "git~1", ".git.", ".parac"];
    own.contains(&last(path)).then_some(Difference::OwnName)
}
