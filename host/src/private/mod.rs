//! Files and folders that are this user's alone: nobody else could have written what is read from them.
//!
//! The one place that decides what that means. Does not know what is in the files.

mod error;
mod file;
mod folder;

pub use error::PrivateError;
pub use file::{Others, check, open, open_linked, replace};
pub use folder::make_folder;
