//! `wasi:filesystem`, served from the git tree and from granted directories.
//!
//! Does not know about host paths: a descriptor is a node of a [`GitTree`](crate::workspace::GitTree), the directory above
//! several of them, or a handle in a [`GrantedDirectory`](crate::workspace::GrantedDirectory), and a guest that was granted neither has no preopened
//! directory, so that there is nothing to begin with.

mod backing;
mod convert;
mod descriptor;
mod entries;
mod open_file;
mod opened;
mod preopens;
mod roof;
mod stream;

pub(in crate::sandbox) use convert::Failure;
#[expect(unreachable_pub, reason = "generated bindings re-export them")]
pub use entries::Entries;
pub(in crate::sandbox) use entries::Listed;
pub(in crate::sandbox) use open_file::SharedTree;
#[expect(unreachable_pub, reason = "generated bindings re-export them")]
pub use opened::Descriptor;
