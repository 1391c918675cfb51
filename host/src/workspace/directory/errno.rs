//! From what the system says to what a guest is told.

use std::io;

use rustix::io::Errno;

use crate::workspace::FsError;

/// Returns the error that a guest is told.
pub(super) fn failed(error: io::Error) -> FsError {
    let Some(errno) = Errno::from_io_error(&error) else {
        return match error.kind() {
            // cap-std's own refusal of a path that leads out: as if nothing were there.
            io::ErrorKind::PermissionDenied => FsError::NoEntry,
            io::ErrorKind::InvalidInput => FsError::Invalid,
            _ => FsError::Disk(error),
        };
    };
    match errno {
        Errno::ACCESS => FsError::Access,
        Errno::PERM | Errno::NXIO | Errno::NODEV => FsError::NotPermitted,
        Errno::NOENT => FsError::NoEntry,
        Errno::EXIST => FsError::Exist,
        Errno::ISDIR => FsError::IsDirectory,
        Errno::NOTDIR => FsError::NotDirectory,
        Errno::NOTEMPTY => FsError::NotEmpty,
        Errno::LOOP => FsError::Loop,
        Errno::NAMETOOLONG => FsError::NameTooLong,
        Errno::XDEV => FsError::CrossDevice,
        Errno::ROFS => FsError::ReadOnly,
        Errno::FBIG => FsError::FileTooLarge,
        Errno::INVAL => FsError::Invalid,
        Errno::BUSY | Errno::TXTBSY => FsError::Busy,
        Errno::BADF => FsError::BadDescriptor,
        Errno::ILSEQ => FsError::IllegalByteSequence,
        Errno::NOSPC | Errno::DQUOT | Errno::MFILE | Errno::NFILE => FsError::NoRoom,
        _ => FsError::Disk(error),
    }
}
