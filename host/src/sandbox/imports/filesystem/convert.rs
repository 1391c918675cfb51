//! Between WASI's words and the workspace's.

use std::time::{Duration, SystemTime};

use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;

use crate::model::LimitName;
use crate::sandbox::bindings::types::{
    DescriptorStat, DescriptorType, ErrorCode, MetadataHashValue, NewTimestamp,
};
use crate::workspace::{FsError, NodeKind, SetTime, Stat};

/// Why a file operation failed: a code for the guest, or the end of the call.
#[derive(Debug)]
pub(in crate::sandbox) enum Failure {
    /// What the guest is told.
    Code(ErrorCode),
    /// The guest broke the rules of the component model.
    Trap(wasmtime::Error),
}

impl From<wasmtime::component::ResourceTableError> for Failure {
    fn from(error: wasmtime::component::ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}

impl From<FsError> for Failure {
    fn from(error: FsError) -> Self {
        // The guest learns "io" only; what the object database, or the disk, said is for the operator.
        if let FsError::Io(source) = &error {
            tracing::warn!(error = %source, "the workspace could not be read or written");
        }
        if let FsError::Disk(source) = &error {
            tracing::warn!(error = %source, "a granted directory could not be read or written");
        }
        if let Some(trap) = trap(&error) {
            return Self::Trap(trap);
        }
        Self::Code(code(&error))
    }
}

/// Returns what ends the call: a guest that writes more than it may is not asked what it makes of that, because what it wrote
/// so far would land as if it were all.
pub(super) fn trap(error: &FsError) -> Option<wasmtime::Error> {
    match error {
        FsError::InsufficientSpace(LimitName::Files | LimitName::Written) => {
            Some(wasmtime::Error::msg(error.to_string()))
        }
        _ => None,
    }
}

/// Returns the WASI error code of a workspace error.
pub(super) const fn code(error: &FsError) -> ErrorCode {
    match error {
        FsError::Access => ErrorCode::Access,
        FsError::BadDescriptor => ErrorCode::BadDescriptor,
        FsError::Busy => ErrorCode::Busy,
        FsError::CrossDevice => ErrorCode::CrossDevice,
        FsError::Exist => ErrorCode::Exist,
        FsError::FileTooLarge => ErrorCode::FileTooLarge,
        FsError::InsufficientSpace(_) | FsError::NoRoom => ErrorCode::InsufficientSpace,
        FsError::IllegalByteSequence => ErrorCode::IllegalByteSequence,
        FsError::Invalid => ErrorCode::Invalid,
        FsError::IsDirectory => ErrorCode::IsDirectory,
        FsError::Loop => ErrorCode::Loop,
        FsError::NameTooLong => ErrorCode::NameTooLong,
        FsError::NoEntry => ErrorCode::NoEntry,
        FsError::NotDirectory => ErrorCode::NotDirectory,
        FsError::NotEmpty => ErrorCode::NotEmpty,
        FsError::NotPermitted => ErrorCode::NotPermitted,
        FsError::ReadOnly => ErrorCode::ReadOnly,
        FsError::Unsupported => ErrorCode::Unsupported,
        FsError::Io(_) | FsError::Disk(_) => ErrorCode::Io,
    }
}

/// Returns the WASI type of a node.
pub(super) const fn kind(kind: NodeKind) -> DescriptorType {
    match kind {
        NodeKind::Directory => DescriptorType::Directory,
        NodeKind::File => DescriptorType::RegularFile,
        NodeKind::Symlink => DescriptorType::SymbolicLink,
        NodeKind::Other => DescriptorType::Unknown,
    }
}

/// Returns the WASI attributes of a node.
pub(super) fn stat(stat: &Stat) -> DescriptorStat {
    DescriptorStat {
        type_: kind(stat.kind),
        link_count: stat.links,
        size: stat.size,
        data_access_timestamp: Some(datetime(stat.accessed)),
        data_modification_timestamp: Some(datetime(stat.modified)),
        status_change_timestamp: Some(datetime(stat.changed)),
    }
}

/// Returns what to set a time to.
pub(super) fn set_time(time: NewTimestamp) -> Result<SetTime, Failure> {
    match time {
        NewTimestamp::NoChange => Ok(SetTime::Keep),
        NewTimestamp::Now => Ok(SetTime::Now),
        NewTimestamp::Timestamp(at) => SystemTime::UNIX_EPOCH
            .checked_add(Duration::new(at.seconds, 0))
            .and_then(|time| time.checked_add(Duration::from_nanos(at.nanoseconds.into())))
            .map(SetTime::At)
            .ok_or(Failure::Code(ErrorCode::Overflow)),
    }
}

/// Returns the hash by which guests tell nodes apart: the node's identity, never its content.
pub(super) const fn hash((upper, lower): (u64, u64)) -> MetadataHashValue {
    MetadataHashValue { lower, upper }
}

fn datetime(time: SystemTime) -> Datetime {
    // Before 1970 WASI has no time; the epoch is the nearest that it can say.
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Datetime {
        seconds: since.as_secs(),
        nanoseconds: since.subsec_nanos(),
    }
}
