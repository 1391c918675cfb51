//! Agents: what a repository's manifest says of each.

use serde::Serialize;

use super::PlanName;

/// A line of a file, for what is found wrong later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// From 1.
    pub line: u64,
    /// From 1.
    pub column: u64,
}

/// Something that stands at a place of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct At<T> {
    /// What.
    pub value: T,
    /// Where.
    #[serde(skip)]
    pub mark: Mark,
}

/// The most that one run of an agent may take; what is reached first ends it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AgentLimits {
    /// How often the model is asked.
    pub turns: u32,
    /// Tokens, read and written together.
    pub tokens: u64,
    /// US dollars, where the model's price is known.
    pub cost: Option<f64>,
    /// Seconds.
    pub time_s: u64,
}

impl AgentLimits {
    /// What holds where the manifest says nothing: enough for real work, little enough for a loop to end.
    pub const DEFAULT: Self = Self {
        turns: 32,
        tokens: 1_000_000,
        cost: None,
        time_s: 900,
    };
}

/// An agent: a model with instructions, and the tools that it can call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agent {
    /// Unique in the manifest.
    pub id: PlanName,
    /// For people.
    pub name: String,
    /// What it is, in a few words.
    pub role: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What the model is told first: the text of its spec file, or its role and description where it has none.
    #[serde(skip)]
    pub instructions: String,
    /// The provider plugin; the first that is loaded where none is named.
    pub provider: Option<String>,
    /// The model, as its provider calls it; the provider's first where none is named.
    pub model: Option<String>,
    /// From 0 upwards.
    pub temperature: f64,
    /// The longest answer of one turn.
    pub max_tokens: Option<u32>,
    /// What it can call, as it is written: `plugin__tool`, `plugin__*`, `*`, or a tool's own name where one plugin alone has it.
    pub tools: Vec<At<String>>,
    /// What it is said to be good at; for people.
    pub skills: Vec<String>,
    /// The most that a run may take.
    pub limits: AgentLimits,
    /// Where the manifest speaks of it.
    #[serde(skip)]
    pub mark: Mark,
}
