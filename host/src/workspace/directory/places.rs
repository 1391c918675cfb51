//! What the system knows of a file, in this host's words.

use std::os::fd::AsFd;
use std::time::{Duration, SystemTime};

use cap_fs_ext::{Metadata, OsMetadataExt as _};
use cap_std::fs::FileType;

use crate::workspace::{NodeKind, Stat};

/// Linux's number of `sysfs`.
#[cfg(target_os = "linux")]
const SYSFS: u64 = 0x6265_6572;

/// Returns what a file is.
pub(super) fn kind_of(file_type: FileType) -> NodeKind {
    if file_type.is_dir() {
        NodeKind::Directory
    } else if file_type.is_file() {
        NodeKind::File
    } else if file_type.is_symlink() {
        NodeKind::Symlink
    } else {
        NodeKind::Other
    }
}

/// Returns the attributes of a file.
pub(super) fn stat_of(metadata: &Metadata) -> Stat {
    let kind = kind_of(metadata.file_type());
    let modified = metadata
        .modified()
        .map_or(SystemTime::UNIX_EPOCH, cap_std::time::SystemTime::into_std);
    Stat {
        kind,
        size: match kind {
            NodeKind::File | NodeKind::Symlink => metadata.len(),
            NodeKind::Directory | NodeKind::Other => 0,
        },
        links: metadata.nlink(),
        accessed: metadata
            .accessed()
            .map_or(modified, cap_std::time::SystemTime::into_std),
        modified,
        changed: u64::try_from(metadata.ctime())
            .ok()
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
            .unwrap_or(modified),
    }
}

/// Tells whether the kernel makes a file up: what it says of processes, and lets set, is nobody's to grant.
pub(super) fn is_made_up(file: impl AsFd) -> bool {
    #[cfg(target_os = "linux")]
    {
        // What cannot be told is not given.
        rustix::fs::fstatfs(file).map_or(true, |system| {
            u64::try_from(system.f_type).is_ok_and(|kind| {
                kind == SYSFS || u64::try_from(rustix::fs::PROC_SUPER_MAGIC) == Ok(kind)
            })
        })
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        false
    }
}
