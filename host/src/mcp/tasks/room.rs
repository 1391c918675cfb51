//! Room for another task: which of those that are kept give way to it.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Tasks that are kept at once; where there is no room for another, its client waits for the answer.
const MOST: usize = 512;

/// Bytes that all tasks take together.
const MOST_BYTES: u64 = 64 << 20;

/// Tasks of one person that are kept at once.
const MOST_OF_ONE: usize = 256;

/// Bytes that all tasks of one person take together.
const MOST_BYTES_OF_ONE: u64 = 32 << 20;

/// A task that is kept.
pub(super) struct There {
    pub(super) id: String,
    /// Whose it is; nobody's where it cannot be read.
    pub(super) caller: String,
    pub(super) until: Timestamp,
    pub(super) bytes: u64,
}

/// What tasks take.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    tasks: usize,
    bytes: u64,
}

impl Taken {
    fn by<'a>(tasks: impl Iterator<Item = &'a There>) -> Self {
        tasks.fold(Self::default(), |taken, task| Self {
            tasks: taken.tasks + 1,
            bytes: taken.bytes + task.bytes,
        })
    }

    const fn is_below(&self, tasks: usize, bytes: u64) -> bool {
        self.tasks < tasks && self.bytes < bytes
    }
}

/// Returns the person of a caller: all their sessions and scopes share what is theirs.
fn person(caller: &str) -> &str {
    let end = caller.match_indices('\u{1f}').nth(1);
    end.map_or(caller, |(at, _)| &caller[..at])
}

/// Makes room for a caller's next task: their own oldest ended ones give way, and where all take too much, those of whoever has most.
/// Tells whether there is room.
pub(super) fn make(
    mut kept: Vec<There>,
    caller: &str,
    has_ended: impl Fn(&str) -> bool,
    mut remove: impl FnMut(&str),
) -> bool {
    kept.sort_by_key(|task| task.until);
    let own = person(caller);
    loop {
        let of_own = Taken::by(kept.iter().filter(|task| person(&task.caller) == own));
        let all = Taken::by(kept.iter());
        let givers = if !of_own.is_below(MOST_OF_ONE, MOST_BYTES_OF_ONE) {
            vec![own.to_owned()]
        } else if !all.is_below(MOST, MOST_BYTES) {
            by_most(&kept, all.tasks >= MOST)
        } else {
            return true;
        };
        let ended = givers.iter().find_map(|giver| {
            let mut tasks = kept.iter();
            tasks.position(|task| person(&task.caller) == giver && has_ended(&task.id))
        });
        match ended {
            Some(at) => remove(&kept.remove(at).id),
            None => return false,
        }
    }
}

/// Returns persons, whoever has most first: most tasks, or most bytes.
fn by_most(kept: &[There], tasks: bool) -> Vec<String> {
    let mut taken: BTreeMap<&str, Taken> = BTreeMap::new();
    for task in kept {
        let one = taken.entry(person(&task.caller)).or_default();
        one.tasks += 1;
        one.bytes += task.bytes;
    }
    let mut persons: Vec<_> = taken.into_iter().collect();
    let share = |taken: &Taken| {
        if tasks {
            taken.tasks as u64
        } else {
            taken.bytes
        }
    };
    persons.sort_by_key(|(_, taken)| std::cmp::Reverse(share(taken)));
    persons
        .into_iter()
        .map(|(person, _)| person.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks(caller: &str, count: usize) -> impl Iterator<Item = There> {
        let at = |second: usize| Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
        (0..count).map(move |number| There {
            id: format!("{caller}-{number}"),
            caller: caller.to_owned(),
            until: at(number),
            bytes: 1,
        })
    }

    fn made(kept: Vec<There>, caller: &str, ended: impl Fn(&str) -> bool) -> (bool, Vec<String>) {
        let mut gone = Vec::new();
        let room = make(kept, caller, ended, |id| gone.push(id.to_owned()));
        (room, gone)
    }

    #[test]
    fn a_callers_oldest_ended_task_gives_way_to_their_newer_one() {
        let kept = || tasks("a", MOST_OF_ONE).collect();
        let (room, gone) = made(kept(), "a", |id| id != "a-0");
        assert_eq!((room, &*gone), (true, &["a-1".to_owned()][..]));
        assert_eq!(made(kept(), "a", |_| false), (false, Vec::new()));
        assert_eq!(made(kept(), "b", |_| true), (true, Vec::new()));
    }

    #[test]
    fn who_has_most_gives_way_to_whoever_has_none() {
        let (all, session) = ("http\u{1f}ada\u{1f}", "http\u{1f}ada\u{1f}\u{1f}1");
        let kept = || {
            let of_ada = tasks(all, 130).chain(tasks(session, 126));
            of_ada
                .chain(tasks("b", 200))
                .chain(tasks("c", 56))
                .collect()
        };
        let (room, gone) = made(kept(), "d", |_| true);
        assert_eq!((room, &*gone), (true, &[format!("{all}-0")][..]));
        let (room, gone) = made(kept(), "d", |id| id.starts_with(['b', 'c']));
        assert_eq!((room, &*gone), (true, &["b-0".to_owned()][..]));
    }
}
