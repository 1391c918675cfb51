//! Leaf: what forges document of their interfaces, as far as opening a pull request needs it.
//!
//! Requests are made here and answers are read; nothing is sent, and no token is known: [`TOKEN`] stands for it.

mod answer;
mod request;

pub use answer::{ForgeError, Opened, read};
pub use request::{ApiRequest, TOKEN, open};
