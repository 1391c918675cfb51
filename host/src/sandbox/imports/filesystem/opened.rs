//! What a guest holds open, and what it opened it for.

use wasmtime::component::Resource;
use wasmtime_wasi_io::streams::DynOutputStream;

use super::Failure;
use super::backing::Backing;
use super::stream::{FileOutput, Position};
use crate::sandbox::bindings::types::{DescriptorFlags, ErrorCode};
use crate::sandbox::state::State;
use crate::workspace::{NodeKind, OpenNode as _};

/// What a guest's `descriptor` is.
#[expect(unreachable_pub, reason = "generated bindings re-export it")]
pub struct Descriptor {
    pub(super) backing: Backing,
    pub(super) flags: DescriptorFlags,
}

impl State {
    /// Returns what a descriptor is open on.
    pub(super) fn backing(&self, descriptor: &Resource<Descriptor>) -> Result<Backing, Failure> {
        Ok(self.table.get(descriptor)?.backing.clone())
    }

    /// Returns the file that a descriptor is open on; a directory is answered with a code.
    pub(super) fn file(
        &self,
        descriptor: &Resource<Descriptor>,
        directory: ErrorCode,
    ) -> Result<(Backing, DescriptorFlags), Failure> {
        if self.kind(descriptor)? == NodeKind::Directory {
            return Err(Failure::Code(directory));
        }
        let descriptor = self.table.get(descriptor)?;
        Ok((descriptor.backing.clone(), descriptor.flags))
    }

    /// Returns the file that a descriptor is open on, if it was opened for what the flag says.
    pub(super) fn opened_for(
        &self,
        flag: DescriptorFlags,
        descriptor: &Resource<Descriptor>,
    ) -> Result<Backing, Failure> {
        let (file, flags) = self.file(descriptor, ErrorCode::BadDescriptor)?;
        if flags.contains(flag) {
            Ok(file)
        } else {
            Err(Failure::Code(ErrorCode::BadDescriptor))
        }
    }

    /// The same for a place in the file: one that no file has is a mistake before any other, as on Linux.
    pub(super) fn opened_at(
        &self,
        flag: DescriptorFlags,
        descriptor: &Resource<Descriptor>,
        offset: u64,
    ) -> Result<Backing, Failure> {
        self.file(descriptor, ErrorCode::BadDescriptor)?;
        if i64::try_from(offset).is_err() {
            return Err(Failure::Code(ErrorCode::Invalid));
        }
        self.opened_for(flag, descriptor)
    }

    /// Returns two open directories; whatever else is one of them is a mistake before any other.
    pub(super) fn two_directories(
        &self,
        one: &Resource<Descriptor>,
        other: &Resource<Descriptor>,
    ) -> Result<(Backing, Backing), Failure> {
        Ok((self.directory(one)?, self.directory(other)?))
    }

    /// Returns the directory that a descriptor is open on.
    pub(super) fn directory(&self, descriptor: &Resource<Descriptor>) -> Result<Backing, Failure> {
        if self.kind(descriptor)? == NodeKind::Directory {
            self.backing(descriptor)
        } else {
            Err(Failure::Code(ErrorCode::NotDirectory))
        }
    }

    fn kind(&self, descriptor: &Resource<Descriptor>) -> Result<NodeKind, Failure> {
        Ok(match &self.table.get(descriptor)?.backing {
            Backing::Git(file) => file.kind()?,
            Backing::Roof(_) => NodeKind::Directory,
            Backing::Disk(node) => node.kind()?,
        })
    }

    /// Makes a stream that writes the file that a descriptor is open on.
    pub(super) fn output(
        &mut self,
        descriptor: &Resource<Descriptor>,
        position: Position,
    ) -> Result<Resource<DynOutputStream>, Failure> {
        // The built-in file system gives the stream, and has it fail: what is not to be written is not given here.
        let file = self.opened_for(DescriptorFlags::WRITE, descriptor)?;
        let stream: DynOutputStream = Box::new(FileOutput::new(file.for_stream()?, position));
        Ok(self.table.push(stream)?)
    }
}
