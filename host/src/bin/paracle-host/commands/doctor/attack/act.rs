//! What an attack is.

use serde::Serialize;

/// One attack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attack {
    /// In lower case with hyphens, as tests and people name it.
    pub(super) name: &'static str,
    /// What it tries, in a few words.
    pub(super) tries: &'static str,
    /// The plugins beside the neighbour, as `guests` names them.
    pub(super) guests: &'static [&'static str],
    /// Their entries in `plugins.yaml`.
    pub(super) entries: &'static str,
    /// How it is set off.
    pub(super) act: Act,
    /// How it must end.
    pub(super) ends: Ends,
}

/// How an attack is set off.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    /// By a call of a tool; the arguments are JSON.
    Call(&'static str, &'static str),
    /// By loading the plugin, in a process of its own beside the one that serves.
    Load,
    /// By changing compiled code on the disk before the server starts.
    Tamper(Tamper),
    /// By a call of a tool that goes to a web server of the attack's own, with what that answers, and how often it may be
    /// connected to. `$HERE` in the entries and the arguments is the server's address and port, `$PORT` the port.
    Reach(&'static str, &'static str, Answers, usize),
    /// By putting the plugin in the place of this one, which was approved under this name.
    Change(&'static str, &'static str),
}

/// What a web server answers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answers {
    /// A word.
    Hello,
    /// That what is sought is elsewhere.
    Redirect,
    /// A body without end.
    EndlessBody,
    /// Headers without end.
    EndlessHead,
    /// A byte, and some time later another.
    Drip,
}

/// What is done to compiled code.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tamper {
    /// Another plugin's code in its place.
    Swap,
    /// Half of it.
    Cut,
    /// Bytes that are none.
    Garbage,
}

/// How an attack must end.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Ends {
    /// A limit was reached whose key begins with one of these.
    Limit(&'static [&'static str]),
    /// The call failed with this kind of error.
    Error(&'static str),
    /// The tool was told no, and says so in these words.
    Told(&'static str),
    /// The call was answered: what the guest asked for failed, and it was told so in these words.
    Failed(&'static str),
    /// The call was answered: the guest tried much, and nothing came through.
    Refused,
    /// The call was answered, and the answer holds nothing that is another's.
    Blind,
    /// The call was answered as if nothing were the matter.
    Answered,
    /// The plugin was not loaded, for a reason of this kind.
    Unloaded(&'static str),
    /// The plugin was loaded, and nothing hidden of it reaches the list of tools.
    Clean,
    /// The neighbour does not notice.
    Unnoticed,
}
