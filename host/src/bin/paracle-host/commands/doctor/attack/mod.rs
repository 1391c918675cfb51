//! The adversarial suite: one table of attacks, run against this very program, as an assistant would run it.
//!
//! Each attack gets a repository of its own and a server in a process of its own. `table` says what is tried and how it
//! must end; `fight` runs it beside a neighbour's calls; `judge` compares. A new attack is a row, and a mode of a guest.

mod act;
mod arena;
mod bombs;
mod ended;
mod fight;
mod guests;
mod judge;
mod neighbour;
mod process;
mod reach;
mod report;
mod server;
mod suite;
mod table;
mod web;

pub(super) use suite::Attacks;
