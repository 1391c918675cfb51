//! Directories that are granted beside the workspace: what a plugin can do there, and what it cannot, by whatever route.

mod advisories;
mod grants;
mod linked;
mod missing;
mod steering;
mod tries;
mod walls;
mod word;
mod work;

pub(crate) use walls::what_is_granted_for_reading_is_changed_by_no_route;
pub(crate) use work::std_fs_of_a_guest_works_on_a_granted_directory_as_on_the_git_tree;
