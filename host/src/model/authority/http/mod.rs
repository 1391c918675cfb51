//! Which HTTP requests a plugin may make.

mod parts;
mod request;
mod rule;
#[cfg(test)]
mod tests;
mod text;

pub use parts::{Methods, PortPattern, Scheme};
pub use request::HttpRequest;
pub use rule::HttpRule;
