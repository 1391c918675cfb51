//! Log lines, as wasi:logging shapes them. Sentences, without a period after an id.

use super::HOSTED;
use crate::bindings::life_cycle::paracle::plugin::log as host;

#[doc(inline)]
pub use host::Level;

/// Writes a line; `context` is what it is about, such as a tool's name.
pub fn log(level: Level, context: &str, message: impl AsRef<str>) {
    if HOSTED {
        host::log(level, context, message.as_ref());
    }
}

/// Writes a line for whoever looks for an error in the plugin.
pub fn debug(context: &str, message: impl AsRef<str>) {
    log(Level::Debug, context, message);
}

/// Writes a line for the operator.
pub fn info(context: &str, message: impl AsRef<str>) {
    log(Level::Info, context, message);
}

/// Writes a line about something that should be looked at.
pub fn warn(context: &str, message: impl AsRef<str>) {
    log(Level::Warn, context, message);
}

/// Writes a line about something that failed.
pub fn error(context: &str, message: impl AsRef<str>) {
    log(Level::Error, context, message);
}
