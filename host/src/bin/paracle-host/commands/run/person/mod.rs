//! The person at the terminal, whom a plugin may ask and tell how far it is.

mod ask;
mod field;
mod terminal;

pub(super) use terminal::link;
