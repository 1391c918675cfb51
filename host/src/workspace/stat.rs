//! What the workspace tells about a node.

use std::time::SystemTime;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// A directory; a submodule shows as an empty one.
    Directory,
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A pipe, a socket or a device of a granted directory: it can be seen and removed, and not opened.
    Other,
}

/// The attributes of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: NodeKind,
    /// Its bytes; a link's is the length of its target, a directory's is 0.
    pub size: u64,
    /// How many names it has: 1, or 0 once it is unlinked.
    pub links: u64,
    /// When it was last read, as far as the guest itself set it.
    pub accessed: SystemTime,
    /// When its content changed: the base commit's time until it is written.
    pub modified: SystemTime,
    /// When its attributes changed.
    pub changed: SystemTime,
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirEntry {
    /// The name; names that are not UTF-8, and git's own, are not shown.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
}

/// How `open_at` treats what it finds; the names are those of `open-flags`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the flags of wasi:filesystem, one for one"
)]
pub struct OpenFlags {
    /// Makes the file if there is none.
    pub create: bool,
    /// Fails unless it is a directory.
    pub directory: bool,
    /// With `create`: fails if the name is taken.
    pub exclusive: bool,
    /// Empties the file.
    pub truncate: bool,
}

/// What one call may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// New files, directories and links.
    pub files: u64,
    /// Bytes written, holes of sparse files included.
    pub bytes_written: u64,
    /// Descriptors open at once.
    pub open_handles: u32,
    /// Bytes of the repository's files that are held at once, because they are open.
    pub bytes_held: u64,
    /// The size of one file that is read or written.
    pub file_size: u64,
    /// How much of one file is in memory; a larger one is on the disk.
    pub in_memory: u64,
}

/// How much of one file is in memory, unless a test says otherwise.
pub(super) const IN_MEMORY: u64 = 1 << 20;

impl Default for Quotas {
    fn default() -> Self {
        Self {
            files: 10_000,
            bytes_written: 256 << 20,
            open_handles: 1024,
            bytes_held: 256 << 20,
            file_size: 64 << 20,
            in_memory: IN_MEMORY,
        }
    }
}
