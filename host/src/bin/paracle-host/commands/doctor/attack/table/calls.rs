//! Ends that are no answer, words in the wrong place, and code that is not what was compiled.

use super::super::act::{Act, Attack, Ends, Tamper};
use super::rows::call;

/// Makes a row of a plugin that ends badly.
const fn crash(name: &'static str, tries: &'static str, tool: &'static str, ends: Ends) -> Attack {
    call(name, tries, &["crash"], "", (tool, "{}"), ends)
}

/// Makes a row of compiled code that was changed on the disk.
const fn tamper(name: &'static str, tries: &'static str, how: Tamper) -> Attack {
    Attack {
        name,
        tries,
        // Whose code takes the place of the neighbour's.
        guests: &["crash"],
        entries: "",
        act: Act::Tamper(how),
        ends: Ends::Unnoticed,
    }
}

pub(super) const ATTACKS: &[Attack] = &[
    crash("panic", "panics", "crash__panic", Ends::Error("plugin")),
    crash(
        "abort",
        "aborts, which is a trap",
        "crash__abort",
        Ends::Error("plugin"),
    ),
    crash(
        "exit",
        "exits instead of answering",
        "crash__exit",
        Ends::Error("plugin"),
    ),
    crash(
        "protocol-on-stdout",
        "prints what looks like JSON-RPC",
        "crash__stdout",
        Ends::Answered,
    ),
    tamper(
        "poisoned-code",
        "puts another plugin's compiled code in the place of one's",
        Tamper::Swap,
    ),
    tamper(
        "garbled-code",
        "changes bytes of compiled code",
        Tamper::Garbage,
    ),
    tamper("truncated-code", "cuts compiled code", Tamper::Cut),
];
