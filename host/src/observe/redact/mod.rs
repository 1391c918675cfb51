//! Hiding the values of secrets that this process knows, in whatever it tells.
//!
//! A text is read in two ways at once: as it is, for the forms that encodings give a value as a whole, and
//! [plainly](plain), with escapes undone and line breaks left out, for those that each character can take on its own.
//! Both are read once, from the beginning to the end, whatever is in the text.

mod encodings;
mod finder;
mod known;
mod pairs;
mod plain;
mod stream;
#[cfg(test)]
mod tests;

pub use known::{hide, hides, redact, redact_bytes, tells};
pub use stream::RedactedStream;
