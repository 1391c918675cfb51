//! The attacks, one a row. What a row is, `act` says; a new one needs a test of its name in `tests/attacks`.

mod calls;
mod files;
mod loading;
mod network;
mod rows;
mod taking;

pub(super) use rows::all;
