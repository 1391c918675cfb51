//! Who a plugin is, what it asks for, and its life cycle: the part that every kind shares.

use crate::schema::{self, Side};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::any::TypeId;
use std::fmt;

#[doc(inline)]
pub use crate::bindings::life_cycle::exports::paracle::plugin::plugin::{
    Dependency, HealthReport, InitError, Kind, PluginInfo, Status,
};
#[doc(inline)]
pub use crate::bindings::life_cycle::paracle::plugin::types::{Capability, ConfigProblem, Denied};

/// A plugin's description and life cycle.
///
/// The name, version, description, authors, homepage and licence come from the plugin's `Cargo.toml`. `()` is the
/// plugin that has nothing to say, and what `export!(tools: […])` uses.
///
/// ```
/// use paracle_plugin_sdk::prelude::*;
///
/// /// What the operator may set.
/// #[derive(Deserialize, JsonSchema)]
/// struct Settings {
///     /// What to say first.
///     greeting: String,
/// }
///
/// struct Hello(Settings);
///
/// impl Plugin for Hello {
///     const CAPABILITIES: &[Capability] = &[Capability::FileAccess];
///     type Config = Settings;
///
///     fn new(config: Settings) -> Result<Self, InitError> {
///         Ok(Self(config))
///     }
/// }
/// ```
pub trait Plugin: Sized + 'static {
    /// What the plugin offers or asks for. The operator can only grant what is named here.
    const CAPABILITIES: &[Capability] = &[];

    /// Words to find the plugin by.
    const TAGS: &[&str] = &[];

    /// Other plugins that this one needs: name and semver requirement.
    const DEPENDENCIES: &[(&str, &str)] = &[];

    /// The hosts' contract versions that the plugin works with.
    const PARACLE_VERSION: &str = ">=0.1.0";

    /// Whether calls must meet the same instance, because the plugin keeps state in memory.
    const STATEFUL: bool = false;

    /// The configuration. Its schema tells the operator what can be set; `()` takes none.
    type Config: JsonSchema + DeserializeOwned + 'static;

    /// Makes the plugin from its configuration.
    fn new(config: Self::Config) -> Result<Self, InitError>;

    /// Changes what the plugin says about itself, beyond what the constants and `Cargo.toml` give.
    fn describe(info: &mut PluginInfo) {
        let _ = info;
    }

    /// Checks what the configuration's schema and type cannot say.
    fn validate_config(config: &Self::Config) -> Result<(), Vec<ConfigProblem>> {
        let _ = config;
        Ok(())
    }

    /// Says how the plugin is.
    fn health(&self) -> Health {
        Health::healthy()
    }

    /// Releases what the plugin holds.
    fn shutdown(&mut self) -> Result<(), String> {
        Ok(())
    }
}

impl Plugin for () {
    type Config = ();

    fn new(config: ()) -> Result<Self, InitError> {
        Ok(config)
    }
}

/// How a plugin is.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// The verdict.
    pub status: Status,
    /// What a person should know, such as a count or the reason of a bad status.
    pub detail: Option<String>,
}

impl Health {
    /// Says that all is well.
    pub fn healthy() -> Self {
        Self {
            status: Status::Healthy,
            detail: None,
        }
    }

    /// Says that the plugin works, but not as it should.
    pub fn degraded(why: impl Into<String>) -> Self {
        Self {
            status: Status::Degraded,
            detail: Some(why.into()),
        }
    }

    /// Says that the plugin does not work.
    pub fn unhealthy(why: impl Into<String>) -> Self {
        Self {
            status: Status::Unhealthy,
            detail: Some(why.into()),
        }
    }

    /// Adds what a person should know.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl ConfigProblem {
    /// Makes a problem from a JSON Pointer to the value, empty for the whole, and a sentence.
    pub fn new(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            message: message.into(),
        }
    }
}

impl InitError {
    /// Makes the error of one wrong configuration value; `at` is a JSON Pointer, empty for the whole.
    pub fn invalid_config(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidConfig(vec![ConfigProblem::new(at, message)])
    }

    /// Makes the error of a start that failed for another reason than the configuration.
    pub fn failed(why: impl fmt::Display) -> Self {
        Self::Failed(why.to_string())
    }
}

/// Reads a configuration; an absent one and one of `()` are the same.
pub(crate) fn read_config<C: DeserializeOwned + 'static>(
    json: &str,
) -> Result<C, Vec<ConfigProblem>> {
    let problem = |e: serde_json::Error| vec![ConfigProblem::new("", e.to_string())];
    if TypeId::of::<C>() == TypeId::of::<()>() {
        return serde_json::from_value(Value::Null).map_err(problem);
    }
    serde_json::from_str(if json.is_empty() { "{}" } else { json }).map_err(problem)
}

/// Returns the schema of a configuration; none for `()`.
pub(crate) fn config_schema<C: JsonSchema + 'static>() -> Option<String> {
    (TypeId::of::<C>() != TypeId::of::<()>()).then(|| schema::of::<C>(Side::In).0.to_string())
}
