//! Why a component is not a plugin, and why a call did not end with an answer.

use crate::model::{Breach, Kind};
use crate::registry::LoadError;

/// Why bytes are not a plugin that this host can run. Each sentence goes after the file's name.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The bytes are something else.
    #[error(
        "is not a WebAssembly component: it does not begin with `\\0asm`; give the `.wasm` file that the build made"
    )]
    NotWasm,
    /// The bytes are a module without a component around it.
    #[error(
        "is a core module, not a component; build it with `cargo build --release --target wasm32-wasip2`, or wrap it with `wasm-tools component new`"
    )]
    CoreModule,
    /// The bytes end early or are damaged.
    #[error(
        "is not a valid component: {reason}; it may be cut short or damaged: build or copy it again"
    )]
    Invalid {
        /// What the validator said, one line.
        reason: String,
    },
    /// The component would be instantiated without end.
    #[error(
        "instantiates more than {most} modules and components inside of it, which no honest plugin does; its author has to make it smaller"
    )]
    Instances {
        /// How many there may be.
        most: u64,
    },
    /// The component targets no world of the contract.
    #[error(
        "is a component of another world: it exports {found}, not `{contract}`; build it with paracle-plugin-sdk or against `wit/`"
    )]
    OtherWorld {
        /// What it exports.
        found: String,
        /// What it should.
        contract: String,
    },
    /// The component targets another version of the contract.
    #[error(
        "was built for version {found} of the contract, and this host speaks {ours}; build it again with a matching paracle-plugin-sdk"
    )]
    OtherVersion {
        /// The component's.
        found: String,
        /// The host's.
        ours: &'static str,
    },
    /// The component exports the life cycle and no kind, or several.
    #[error(
        "exports the plugin life cycle and {found}; it must export exactly one of tool, provider, adapter, observer and memory"
    )]
    Kinds {
        /// Which kinds, in words.
        found: String,
    },
    /// The component offers resources without prompts, or the other way round.
    #[error(
        "exports one of resources and prompts; a plugin that offers either targets the world context-plugin, which has both"
    )]
    HalfContext,
    /// The component imports something that no host of the contract has.
    #[error(
        "imports something that this host does not offer: {reason}; remove the import, or use a newer host"
    )]
    Imports {
        /// What wasmtime said, one line.
        reason: String,
    },
    /// The component needs more than the pool has for one.
    #[error("asks for more than a plugin may have: {reason}; its author has to make it smaller")]
    TooMuch {
        /// What wasmtime said, one line.
        reason: String,
    },
    /// Compiling it takes too long.
    #[error(
        "is not compiled after {seconds} s, and is not waited for any longer; if it is meant to be that large, try again later: once it is compiled, that is kept"
    )]
    Slow {
        /// How long was waited.
        seconds: u64,
    },
    /// The metadata call did not come back.
    #[error("did not tell its metadata: {source}")]
    Silent {
        /// Why.
        source: RunError,
    },
    /// The metadata breaks a rule.
    #[error("has metadata that cannot be used: {what}")]
    Metadata {
        /// Which field, what is wrong, and what to do.
        what: String,
    },
    /// The metadata names one kind and the component exports another.
    #[error("says that it is a {said} plugin and exports `{exported}`; make the two agree")]
    KindDiffers {
        /// In the metadata.
        said: Kind,
        /// In the exports.
        exported: Kind,
    },
    /// The plugin refuses its configuration.
    #[error(
        "does not accept its configuration: {problems}; change `config:` of its entry in plugins.yaml"
    )]
    Config {
        /// Each with its place.
        problems: String,
    },
    /// The bytes cannot be had.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The engine cannot be set up on this machine.
    #[error("cannot be run here: {reason}")]
    Engine {
        /// What wasmtime said.
        reason: String,
    },
}

/// Why a call ended without an answer of the plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The guest broke: a panic, an abort, an out-of-bounds access.
    #[error("the plugin crashed: {reason}; nothing that the call wrote to its workspace was kept")]
    Trapped {
        /// What happened, one line.
        reason: String,
    },
    /// The guest called `exit`.
    #[error(
        "the plugin exited with code {code} instead of answering; nothing that the call wrote to its workspace was kept"
    )]
    Exited {
        /// Its code.
        code: i32,
    },
    /// A limit was reached.
    #[error("the call reached its {0}; nothing that it wrote was kept")]
    Limit(Breach),
    /// The caller's own deadline was reached.
    #[error(
        "the call reached the deadline of {time_ms} ms that its caller set; nothing that it wrote to its workspace was kept"
    )]
    Deadline {
        /// In milliseconds.
        time_ms: u64,
    },
    /// The caller gave up, or the host is stopping.
    #[error("the call was cancelled; nothing that it wrote to its workspace was kept")]
    Cancelled,
    /// The guest answered something that the contract does not allow.
    #[error("the plugin's answer cannot be used: {what}")]
    BadReply {
        /// What is wrong with it.
        what: String,
    },
    /// The plugin could not start.
    #[error("the plugin could not start: {reason}")]
    Start {
        /// What it, or wasmtime, said.
        reason: String,
    },
    /// The plugin has no answer of this kind.
    #[error("{plugin} is of kind {kind} and cannot do this")]
    WrongKind {
        /// Which plugin.
        plugin: String,
        /// What it is.
        kind: Kind,
    },
}

/// Returns the first line of an error and its causes, which is what a person can use of it.
pub(super) fn one_line(error: &wasmtime::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        let line = cause.lines().next().unwrap_or_default().trim();
        if line.is_empty() || text.contains(line) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(line);
    }
    text
}
