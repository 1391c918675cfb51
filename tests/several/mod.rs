//! One execution of several repositories: what a plugin finds, what lands where, and that all merge or none does.

mod between;
mod endings;
mod merging;
mod names;
mod roof;
mod unchanged;
mod wall;
mod work;
