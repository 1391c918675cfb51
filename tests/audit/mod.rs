//! The audit journal: what is in it, how it is written, and what is noticed of those who change it.

mod commits;
mod journal;
mod records;
mod segments;
mod tampering;
mod writing;
