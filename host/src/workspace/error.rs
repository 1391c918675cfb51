//! What a file operation answers when it cannot do what it was asked.

use crate::git::GitError;
use crate::model::LimitName;

/// Why a file operation failed; the names are those of `wasi:filesystem`'s `error-code`.
#[derive(Debug, thiserror::Error)]
pub enum FsError {
    /// `access`: permission denied.
    #[error("permission denied")]
    Access,
    /// `bad-descriptor`: the handle is closed, or was not opened for this.
    #[error("the descriptor is closed, or was not opened for this operation")]
    BadDescriptor,
    /// `busy`: the node is in use in a way that forbids this.
    #[error("the file or directory is in use")]
    Busy,
    /// `cross-device`: the two paths are in different workspaces.
    #[error("the two paths are in different workspaces")]
    CrossDevice,
    /// `exist`: the name is taken.
    #[error("the name exists already")]
    Exist,
    /// `file-too-large`: the file is, or would be, over the bound of one file.
    #[error("the file is, or would be, larger than one file may be")]
    FileTooLarge,
    /// `illegal-byte-sequence`: it is not UTF-8.
    #[error("the link's target is not UTF-8")]
    IllegalByteSequence,
    /// `insufficient-space`: a quota of the call is used up.
    #[error("the {0} limit of this call is reached")]
    InsufficientSpace(LimitName),
    /// `insufficient-space`: the disk of a granted directory is full, or the process has no handles left.
    #[error("the machine has no room for more")]
    NoRoom,
    /// `invalid`: the arguments make no sense.
    #[error("the argument is invalid")]
    Invalid,
    /// `is-directory`: a file was asked for.
    #[error("it is a directory")]
    IsDirectory,
    /// `loop`: too many symbolic links, or one where none is followed.
    #[error("too many symbolic links, or one where none may be followed")]
    Loop,
    /// `name-too-long`: a name is over 255 bytes, or a path is too long or too deep.
    #[error("the name or path is too long")]
    NameTooLong,
    /// `no-entry`: there is nothing of that name.
    #[error("no such file or directory")]
    NoEntry,
    /// `not-directory`: a directory was asked for.
    #[error("it is not a directory")]
    NotDirectory,
    /// `not-empty`: the directory has entries.
    #[error("the directory is not empty")]
    NotEmpty,
    /// `not-permitted`: the path leads out of the workspace, or into what plugins may not touch.
    #[error("the operation is not permitted in this workspace")]
    NotPermitted,
    /// `read-only`: the workspace, or the directory, was granted for reading only.
    #[error("it is read-only: allow writing in the plugin's grant")]
    ReadOnly,
    /// `unsupported`: git trees cannot express it.
    #[error("a git tree cannot express this")]
    Unsupported,
    /// `io`: the object database failed.
    #[error(transparent)]
    Io(#[from] GitError),
    /// `io`: the disk of a granted directory failed.
    #[error(transparent)]
    Disk(std::io::Error),
}
