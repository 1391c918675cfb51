//! Workflows: steps that follow from each other.

use serde::Serialize;
use serde_json::Value;

use super::{At, Mark, PlanName};

/// What an input has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InputType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// A list.
    Array,
    /// A map.
    Object,
    /// Anything.
    Any,
}

/// What a workflow is given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InputSpec {
    /// Its name.
    pub name: PlanName,
    /// What it has to be.
    #[serde(rename = "type")]
    pub kind: InputType,
    /// For people.
    pub description: Option<String>,
    /// What it is where nothing is given.
    pub default: Option<Value>,
    /// Whether something has to be given.
    pub required: bool,
    /// The only values that it may have; none where it may have any.
    #[serde(rename = "enum")]
    pub choices: Vec<Value>,
}

/// Who does a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Does {
    /// An agent.
    Agent {
        /// Which, in the manifest.
        agent: At<PlanName>,
        /// Another model than the agent's own.
        model: Option<String>,
        /// Another temperature.
        temperature: Option<f64>,
        /// The only tools of the agent's that it can call here; none where it has all of them.
        tools: Vec<At<String>>,
    },
    /// A tool, called once.
    Tool(At<String>),
}

/// What becomes of a workflow one of whose steps failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// It fails, too.
    #[default]
    Stop,
    /// It goes on without the steps that need this one.
    Continue,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Unique in the workflow.
    pub id: PlanName,
    /// For people.
    pub name: String,
    /// What is to be done.
    pub description: Option<String>,
    /// Who does it.
    pub does: Does,
    /// The steps that have to be done before, by the file's own word and by what its inputs name.
    pub depends_on: Vec<PlanName>,
    /// What it is given: values whose texts may hold `{{ … }}`.
    pub inputs: Vec<(String, At<Value>)>,
    /// What it gives.
    pub outputs: Vec<String>,
    /// How often it is tried again.
    pub retries: u32,
    /// Seconds that one try may take.
    pub timeout: Option<u64>,
    /// What becomes of the workflow where it fails.
    pub on_failure: OnFailure,
    /// Where it stands.
    #[serde(skip)]
    pub mark: Mark,
}

/// What a workflow gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputSpec {
    /// Its name.
    pub name: String,
    /// An expression, such as `steps.fix.outputs.patch`.
    pub source: At<String>,
    /// For people.
    pub description: Option<String>,
}

/// A workflow, as its file says it; its graph has no cycle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Workflow {
    /// What it is called.
    pub id: PlanName,
    /// Its own version.
    pub version: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it is given.
    pub inputs: Vec<InputSpec>,
    /// In the file's order.
    pub steps: Vec<Step>,
    /// What it gives.
    pub outputs: Vec<OutputSpec>,
    /// Seconds that all of it may take.
    pub timeout: Option<u64>,
    /// Its file, as it is told to people: relative to the folder of `.parac`.
    #[serde(skip)]
    pub file: std::path::PathBuf,
    /// The bytes that it was read from.
    pub digest: super::Digest,
}

impl Workflow {
    /// Returns a step.
    pub fn step(&self, id: &PlanName) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }
}

impl InputSpec {
    /// Checks a value; says what belongs in its place.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        let fits = match self.kind {
            InputType::String => value.is_string(),
            InputType::Integer => value.is_i64() || value.is_u64(),
            InputType::Number => value.is_number(),
            InputType::Boolean => value.is_boolean(),
            InputType::Array => value.is_array(),
            InputType::Object => value.is_object(),
            InputType::Any => true,
        };
        if !fits {
            return Err(format!("{value} is no {}", self.kind.name()));
        }
        if !self.choices.is_empty() && !self.choices.contains(value) {
            let choices: Vec<String> = self.choices.iter().map(Value::to_string).collect();
            return Err(format!("{value} is none of {}", choices.join(", ")));
        }
        Ok(())
    }
}

impl InputType {
    /// Returns its name in JSON Schema.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
            Self::Any => "value",
        }
    }
}
