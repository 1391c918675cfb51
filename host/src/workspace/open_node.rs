//! What can be done with an open file or directory, wherever it is.

use super::{DirEntry, FsError, NodeKind, SetTime, Stat};

/// An open file or directory of the git tree or of a granted directory. Paths are resolved from it, and never lead above it.
pub trait OpenNode {
    /// Tells what it is.
    fn kind(&self) -> Result<NodeKind, FsError>;
    /// Reads its attributes.
    fn stat(&self) -> Result<Stat, FsError>;
    /// Reads the attributes of what a path names.
    fn stat_at(&self, path: &str, follow: bool) -> Result<Stat, FsError>;
    /// Returns numbers that no other node has.
    fn identity(&self) -> Result<(u64, u64), FsError>;
    /// Returns the numbers of what a path names.
    fn identity_at(&self, path: &str, follow: bool) -> Result<(u64, u64), FsError>;
    /// Sets its times.
    fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<(), FsError>;
    /// Sets the times of what a path names.
    fn set_times_at(
        &self,
        path: &str,
        follow: bool,
        accessed: SetTime,
        modified: SetTime,
    ) -> Result<(), FsError>;
    /// Reads at most `len` bytes of a file; none means its end.
    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, FsError>;
    /// Writes all of some bytes at an offset.
    fn write(&self, offset: u64, bytes: &[u8]) -> Result<(), FsError>;
    /// Writes all of some bytes at the end of a file.
    fn append(&self, bytes: &[u8]) -> Result<(), FsError>;
    /// Cuts a file, or lengthens it by zeros.
    fn set_size(&self, size: u64) -> Result<(), FsError>;
    /// Waits until what was written is on the disk, where it is to go there before the call ends.
    fn sync(&self) -> Result<(), FsError>;
    /// Lists a directory as it is now, by name.
    fn list(&self) -> Result<Vec<DirEntry>, FsError>;
    /// Makes a directory.
    fn create_dir_at(&self, path: &str) -> Result<(), FsError>;
    /// Removes an empty directory.
    fn remove_dir_at(&self, path: &str) -> Result<(), FsError>;
    /// Removes a file or a link.
    fn unlink_at(&self, path: &str) -> Result<(), FsError>;
    /// Makes a symbolic link.
    fn symlink_at(&self, target: &str, path: &str) -> Result<(), FsError>;
    /// Reads a symbolic link.
    fn readlink_at(&self, path: &str) -> Result<String, FsError>;
}
