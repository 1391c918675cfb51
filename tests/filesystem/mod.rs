//! The git tree as a file system: `wasi:filesystem` in full, compared with the built-in one.

mod differences;
mod differential;
mod generate;
mod kept;
mod large;
mod left_out;
mod reference;
mod rules;
#[path = "../guests/wasi-fs/src/step.rs"]
mod step;

pub(crate) use differential::the_git_tree_answers_as_the_built_in_file_system_does;
