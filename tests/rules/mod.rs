//! The rules of executions in a git repository, each a test by its number and name.

mod git;
mod repositories;
mod safety;
