//! Tools that an agent or an assistant calls.

use crate::context::Context;
use crate::output::{IntoOutput, Output};
use crate::schema::{self, Side};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::fmt;

#[doc(inline)]
pub use crate::bindings::life_cycle::paracle::plugin::tool_types::{
    Ability, Annotations, Icon, InvalidValue, TaskSupport, ToolError, ToolInfo,
};

/// One tool: the type is its arguments, and a call consumes them.
///
/// `P` is the plugin that the tool belongs to, for what it was configured with and what it keeps:
/// [`Context::plugin`] hands it out. A tool that needs neither leaves `P` away.
///
/// ```
/// use paracle_plugin_sdk::prelude::*;
///
/// /// Divides one number by another.
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(deny_unknown_fields)] // a misspelt argument is an error, not a surprise
/// struct Divide {
///     /// What to divide.
///     of: f64,
///     /// What to divide by; 2 if absent.
///     #[serde(default = "two")]
///     by: f64,
/// }
///
/// fn two() -> f64 {
///     2.0
/// }
///
/// #[derive(Serialize, JsonSchema)]
/// struct Quotient {
///     value: f64,
/// }
///
/// impl Tool for Divide {
///     const NAME: &str = "divide";
///     const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
///     type Output = Json<Quotient>;
///
///     fn validate(&self) -> Result<(), ToolError> {
///         if self.by == 0.0 {
///             return Err(ToolError::invalid_value("/by", "must not be 0"));
///         }
///         Ok(())
///     }
///
///     fn call(self, _: &mut Context) -> Result<Json<Quotient>, ToolError> {
///         Ok(Json::new(Quotient { value: self.of / self.by }))
///     }
/// }
///
/// let half = paracle_plugin_sdk::testing::call::<(), Divide>(&mut (), &json!({ "of": 3 }))?;
/// assert_eq!(half.structured.as_deref(), Some(r#"{"value":1.5}"#));
/// let refused = paracle_plugin_sdk::testing::call::<(), Divide>(&mut (), &json!({ "of": 3, "by": 0 }));
/// assert_eq!(refused, Err(ToolError::invalid_value("/by", "must not be 0")));
/// # Ok::<(), ToolError>(())
/// ```
pub trait Tool<P = ()>: JsonSchema + DeserializeOwned {
    /// The name, unique in the plugin: letters, digits, `_` and `-`.
    const NAME: &str;

    /// The name for people; none if empty.
    const TITLE: &str = "";

    /// What the tool does, for the model that chooses it. The type's doc comment if empty.
    const DESCRIPTION: &str = "";

    /// What a caller may assume.
    const ANNOTATIONS: Annotations = Annotations::UNKNOWN;

    /// Whether a long call may be answered with a task: see
    /// [`progress::continue_as_task`](crate::host::progress::continue_as_task).
    const TASK: TaskSupport = TaskSupport::Never;

    /// What the caller has to be able to do; one who cannot is refused before the tool runs.
    const NEEDS: &[Ability] = &[];

    /// What a call answers: `String`, [`Json`](crate::output::Json), [`Output`], or `()`.
    type Output: IntoOutput;

    /// Changes what the tool says about itself, beyond what the constants and the type give: icons, a schema by hand.
    fn describe(info: &mut ToolInfo) {
        let _ = info;
    }

    /// Checks what the schema and the type cannot say. Called before [`Tool::call`], too.
    fn validate(&self) -> Result<(), ToolError> {
        Ok(())
    }

    /// Does the work.
    fn call(self, cx: &mut Context<'_, P>) -> Result<Self::Output, ToolError>;
}

impl Annotations {
    /// Assumes the worst: the tool may change or destroy anything, and reach out. The default.
    pub const UNKNOWN: Self = Self {
        read_only: false,
        destructive: true,
        idempotent: false,
        open_world: true,
    };

    /// Changes nothing and looks only at what it was given.
    pub const READ_ONLY: Self = Self {
        read_only: true,
        destructive: false,
        idempotent: true,
        open_world: false,
    };

    /// Adds to its surroundings and destroys nothing.
    pub const ADDITIVE: Self = Self {
        read_only: false,
        destructive: false,
        idempotent: false,
        open_world: false,
    };

    /// May overwrite or delete what it was given.
    pub const DESTRUCTIVE: Self = Self {
        read_only: false,
        destructive: true,
        idempotent: false,
        open_world: false,
    };

    /// Says that a second call with the same arguments changes nothing more.
    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
}

impl ToolError {
    /// Makes the error of one wrong argument; `at` is a JSON Pointer such as `/path`, empty for the whole.
    pub fn invalid_value(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidValue(InvalidValue {
            at: at.into(),
            message: message.into(),
        })
    }

    /// Makes the error of a tool that did what it could and failed.
    pub fn runtime(why: impl fmt::Display) -> Self {
        Self::Runtime(why.to_string())
    }

    /// Writes the error as people and models read it.
    pub fn text(&self) -> String {
        match self {
            Self::UnknownTool(name) => format!("there is no tool `{name}`"),
            Self::InvalidValue(InvalidValue { at, message }) if at.is_empty() => message.clone(),
            Self::InvalidValue(InvalidValue { at, message }) => format!("`{at}`: {message}"),
            Self::Permission(denied) => denied.text(),
            Self::Runtime(why) => why.clone(),
            Self::Cancelled => "cancelled".into(),
        }
    }
}

/// With `?`, a failed file operation is the tool's failure.
impl From<std::io::Error> for ToolError {
    fn from(error: std::io::Error) -> Self {
        Self::runtime(error)
    }
}

impl From<serde_json::Error> for ToolError {
    fn from(error: serde_json::Error) -> Self {
        Self::runtime(error)
    }
}

impl From<crate::plugin::Denied> for ToolError {
    fn from(denied: crate::plugin::Denied) -> Self {
        Self::Permission(denied)
    }
}

/// A tool with its types forgotten: what a plugin's table of tools holds.
#[doc(hidden)]
pub struct Entry<P> {
    pub(crate) name: &'static str,
    pub(crate) info: fn() -> ToolInfo,
    pub(crate) validate: fn(&str) -> Result<(), ToolError>,
    pub(crate) execute: fn(&str, &mut Context<'_, P>) -> Result<Output, ToolError>,
}

impl<P> Entry<P> {
    /// Forgets the types of `T`.
    pub const fn of<T: Tool<P>>() -> Self {
        Self {
            name: T::NAME,
            info: info::<P, T>,
            validate: |arguments| read::<P, T>(arguments).map(drop),
            execute: |arguments, cx| read::<P, T>(arguments)?.call(cx)?.into_output(),
        }
    }
}

/// Describes a tool to whoever calls it.
pub(crate) fn info<P, T: Tool<P>>() -> ToolInfo {
    let (parameters, doc) = schema::of::<T>(Side::In);
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut info = ToolInfo {
        name: T::NAME.to_owned(),
        title: some(T::TITLE),
        description: some(T::DESCRIPTION).or(doc).unwrap_or_default(),
        parameters: parameters.to_string(),
        returns: T::Output::returns(),
        annotations: T::ANNOTATIONS,
        icons: Vec::new(),
        task: T::TASK,
        needs: T::NEEDS.to_vec(),
    };
    T::describe(&mut info);
    info
}

/// Reads and checks arguments.
pub(crate) fn read<P, T: Tool<P>>(arguments: &str) -> Result<T, ToolError> {
    // The host has checked the schema already; what is left is rare, so its place is not worth a dependency.
    let tool: T =
        serde_json::from_str(arguments).map_err(|e| ToolError::invalid_value("", e.to_string()))?;
    tool.validate()?;
    Ok(tool)
}
