//! May it: what the plugin declares, what the operator allows, and what the caller may itself.
//!
//! Does not know about git, wasm or where plugins come from. A [`Permit`] is the only way to run, and only
//! [`admit`] makes one.
#![deny(clippy::wildcard_enum_match_arm)]

mod authority;
mod ceiling;
mod denial;
mod own_words;
mod permit;
mod standing;

pub use ceiling::cut;
pub use denial::{command, deny_unknown, quoted};
pub use own_words::own_words;
pub use permit::{Permit, admit, check_caller};
pub use standing::{Above, Opinion, Standing, Word};
