//! The whole table, and short ways to write a row.

use super::super::act::{Act, Attack, Ends};
use super::{calls, files, loading, network, taking};

/// Returns every attack.
pub(in super::super) fn all() -> impl Iterator<Item = &'static Attack> {
    [
        taking::ATTACKS,
        files::ATTACKS,
        calls::ATTACKS,
        loading::ATTACKS,
        network::ATTACKS,
    ]
    .into_iter()
    .flatten()
}

/// Makes a row of a plugin that attacks when it is called.
pub(super) const fn call(
    name: &'static str,
    tries: &'static str,
    guests: &'static [&'static str],
    entries: &'static str,
    (tool, arguments): (&'static str, &'static str),
    ends: Ends,
) -> Attack {
    Attack {
        name,
        tries,
        guests,
        entries,
        act: Act::Call(tool, arguments),
        ends,
    }
}

/// Makes a row of a plugin that attacks while it is loaded.
pub(super) const fn load(
    name: &'static str,
    tries: &'static str,
    guests: &'static [&'static str],
    ends: Ends,
) -> Attack {
    Attack {
        name,
        tries,
        guests,
        entries: "",
        act: Act::Load,
        ends,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::super::guests;
    use super::*;

    #[test]
    fn each_attack_has_a_name_of_its_own_and_plugins_that_there_are() {
        let mut names = BTreeSet::new();
        for attack in all() {
            assert!(names.insert(attack.name), "{} twice", attack.name);
            assert!(!attack.guests.is_empty(), "{}", attack.name);
            for guest in attack.guests {
                assert!(guests::of(guest).is_some(), "{}: {guest}", attack.name);
            }
        }
    }
}
