//! Directories of the machine that a person granted: what a plugin finds beside its workspace.
//!
//! Authority is the handle that [`open_all`] opens, once a call; nothing behind it knows a path of the machine. Every path
//! of a guest is walked one name at a time on such handles, links are resolved here and never by the kernel, and what leads
//! out is answered as if nothing were there. `.git` is hidden and `.parac` cannot be changed, as in the workspace.

mod changes;
mod errno;
mod error;
mod location;
mod node;
mod open;
mod place_rule;
mod places;
mod protect;
mod repository;
mod resolve;
mod root;
mod steering;

pub use error::DirectoryError;
pub use node::DiskNode;
pub(super) use open::open_all;
pub use open::{GrantedDirectory, check_openable, try_directories};
pub use place_rule::PlaceRule;
pub use protect::{Protected, check_directories};
pub use steering::check_places;
