//! Descriptors: nodes of the git tree that a guest holds open.

use wasmtime::component::Resource;
use wasmtime_wasi_io::streams::{DynInputStream, DynOutputStream};

use super::open_file::OpenFile;
use super::stream::{FileInput, FileOutput, Position};
use super::{Entries, Failure, convert};
use crate::model::LimitName;
use crate::sandbox::bindings::preopens;
use crate::sandbox::bindings::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, Host, HostDescriptor,
    MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use crate::sandbox::state::State;
use crate::workspace::{FsError, NodeKind};

/// The most that one `read` moves, whatever the guest asks for: it bounds what the host copies at once.
const LARGEST_READ: u64 = 4 << 20;

/// What a guest's `descriptor` is.
#[expect(unreachable_pub, reason = "generated bindings re-export it")]
pub struct Descriptor {
    file: OpenFile,
    flags: DescriptorFlags,
}

impl State {
    fn file(&self, descriptor: &Resource<Descriptor>) -> Result<OpenFile, Failure> {
        Ok(self.table.get(descriptor)?.file.clone())
    }

    fn readable(&self, descriptor: &Resource<Descriptor>) -> Result<OpenFile, Failure> {
        let descriptor = self.table.get(descriptor)?;
        if descriptor.flags.contains(DescriptorFlags::READ) {
            Ok(descriptor.file.clone())
        } else {
            Err(Failure::Code(ErrorCode::NotPermitted))
        }
    }

    fn writable(&self, descriptor: &Resource<Descriptor>) -> Result<OpenFile, Failure> {
        let descriptor = self.table.get(descriptor)?;
        if descriptor.flags.contains(DescriptorFlags::WRITE) {
            Ok(descriptor.file.clone())
        } else {
            Err(Failure::Code(ErrorCode::NotPermitted))
        }
    }
}

fn follow(flags: PathFlags) -> bool {
    flags.contains(PathFlags::SYMLINK_FOLLOW)
}

impl preopens::Host for State {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let Some((tree, mount)) = self.workspace() else {
            return Ok(Vec::new());
        };
        let (handle, read_only) = {
            let mut tree = tree.lock();
            (tree.root(), tree.is_read_only())
        };
        let mut flags = DescriptorFlags::READ;
        if !read_only {
            flags |= DescriptorFlags::MUTATE_DIRECTORY;
        }
        let root = self.table.push(Descriptor {
            file: OpenFile::new(tree, handle),
            flags,
        })?;
        Ok(vec![(root, mount.to_owned())])
    }
}

impl Host for State {
    fn convert_error_code(&mut self, failure: Failure) -> wasmtime::Result<ErrorCode> {
        match failure {
            Failure::Code(code) => Ok(code),
            Failure::Trap(error) => Err(error),
        }
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        Ok(self
            .table
            .get(&error)?
            .downcast_ref::<FsError>()
            .map(convert::code))
    }
}

impl HostDescriptor for State {
    fn read_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
        offset: u64,
    ) -> Result<Resource<DynInputStream>, Failure> {
        let file = self.readable(&descriptor)?;
        // A stream's own errors reach the guest as an unspecific one.
        if file.tree().kind(file.handle())? == NodeKind::Directory {
            return Err(Failure::Code(ErrorCode::IsDirectory));
        }
        let stream: DynInputStream = Box::new(FileInput { file, offset });
        Ok(self.table.push(stream)?)
    }

    fn write_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
        offset: u64,
    ) -> Result<Resource<DynOutputStream>, Failure> {
        let stream: DynOutputStream = Box::new(FileOutput {
            file: self.writable(&descriptor)?,
            position: Position::At(offset),
        });
        Ok(self.table.push(stream)?)
    }

    fn append_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
    ) -> Result<Resource<DynOutputStream>, Failure> {
        let stream: DynOutputStream = Box::new(FileOutput {
            file: self.writable(&descriptor)?,
            position: Position::End,
        });
        Ok(self.table.push(stream)?)
    }

    fn advise(
        &mut self,
        descriptor: Resource<Descriptor>,
        _offset: u64,
        _length: u64,
        _advice: Advice,
    ) -> Result<(), Failure> {
        self.file(&descriptor).map(drop)
    }

    // What is written is durable when the call's checkpoint is, before the reply; not earlier, whatever a guest asks.
    fn sync_data(&mut self, descriptor: Resource<Descriptor>) -> Result<(), Failure> {
        self.file(&descriptor).map(drop)
    }

    fn sync(&mut self, descriptor: Resource<Descriptor>) -> Result<(), Failure> {
        self.file(&descriptor).map(drop)
    }

    fn get_flags(&mut self, descriptor: Resource<Descriptor>) -> Result<DescriptorFlags, Failure> {
        Ok(self.table.get(&descriptor)?.flags)
    }

    fn get_type(&mut self, descriptor: Resource<Descriptor>) -> Result<DescriptorType, Failure> {
        let file = self.file(&descriptor)?;
        let kind = file.tree().kind(file.handle())?;
        Ok(convert::kind(kind))
    }

    fn set_size(&mut self, descriptor: Resource<Descriptor>, size: u64) -> Result<(), Failure> {
        let file = self.writable(&descriptor)?;
        Ok(file.tree().set_size(file.handle(), size)?)
    }

    fn set_times(
        &mut self,
        descriptor: Resource<Descriptor>,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Result<(), Failure> {
        let (accessed, modified) = (convert::set_time(accessed)?, convert::set_time(modified)?);
        let file = self.file(&descriptor)?;
        Ok(file.tree().set_times(file.handle(), accessed, modified)?)
    }

    fn read(
        &mut self,
        descriptor: Resource<Descriptor>,
        length: u64,
        offset: u64,
    ) -> Result<(Vec<u8>, bool), Failure> {
        let file = self.readable(&descriptor)?;
        let most = usize::try_from(length.min(LARGEST_READ)).unwrap_or(usize::MAX);
        let bytes = file.tree().read(file.handle(), offset, most)?;
        let end = bytes.is_empty() && most > 0;
        Ok((bytes, end))
    }

    fn write(
        &mut self,
        descriptor: Resource<Descriptor>,
        bytes: Vec<u8>,
        offset: u64,
    ) -> Result<u64, Failure> {
        let file = self.writable(&descriptor)?;
        file.tree().write(file.handle(), offset, &bytes)?;
        Ok(bytes.len() as u64)
    }

    fn read_directory(
        &mut self,
        descriptor: Resource<Descriptor>,
    ) -> Result<Resource<Entries>, Failure> {
        let file = self.readable(&descriptor)?;
        let entries = file.tree().list(file.handle())?;
        let most = self.account().limits().most_here(LimitName::Held);
        let Some(listing) = Entries::new(entries, &self.listed, most) else {
            self.account().refuse(LimitName::Held);
            return Err(Failure::Code(ErrorCode::InsufficientMemory));
        };
        Ok(self.table.push(listing)?)
    }

    fn create_directory_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path: String,
    ) -> Result<(), Failure> {
        let dir = self.file(&descriptor)?;
        Ok(dir.tree().create_dir_at(dir.handle(), &path)?)
    }

    fn stat(&mut self, descriptor: Resource<Descriptor>) -> Result<DescriptorStat, Failure> {
        let file = self.file(&descriptor)?;
        let stat = file.tree().stat(file.handle())?;
        Ok(convert::stat(&stat))
    }

    fn stat_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> Result<DescriptorStat, Failure> {
        let dir = self.file(&descriptor)?;
        let stat = dir.tree().stat_at(dir.handle(), &path, follow(flags))?;
        Ok(convert::stat(&stat))
    }

    fn set_times_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Result<(), Failure> {
        let (accessed, modified) = (convert::set_time(accessed)?, convert::set_time(modified)?);
        let dir = self.file(&descriptor)?;
        Ok(dir
            .tree()
            .set_times_at(dir.handle(), &path, follow(flags), accessed, modified)?)
    }

    fn link_at(
        &mut self,
        _descriptor: Resource<Descriptor>,
        _flags: PathFlags,
        _old_path: String,
        _new_descriptor: Resource<Descriptor>,
        _new_path: String,
    ) -> Result<(), Failure> {
        // A git tree has no hard links.
        Err(Failure::Code(ErrorCode::Unsupported))
    }

    fn open_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path_flags: PathFlags,
        path: String,
        open: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Resource<Descriptor>, Failure> {
        let dir = self.file(&descriptor)?;
        let write = flags.intersects(DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY);
        let opened = crate::workspace::OpenFlags {
            create: open.contains(OpenFlags::CREATE),
            directory: open.contains(OpenFlags::DIRECTORY),
            exclusive: open.contains(OpenFlags::EXCLUSIVE),
            truncate: open.contains(OpenFlags::TRUNCATE),
        };
        let handle = dir.tree().open_at(
            dir.handle(),
            &path,
            follow(path_flags),
            opened,
            flags.contains(DescriptorFlags::WRITE),
        )?;
        let file = dir.sibling(handle);
        let (kind, read_only) = {
            let tree = file.tree();
            (tree.kind(handle)?, tree.is_read_only())
        };
        // A directory that may be changed is one that was opened in such a workspace and asked for it.
        let mut granted = flags & (DescriptorFlags::READ | DescriptorFlags::WRITE);
        if kind == NodeKind::Directory {
            granted = DescriptorFlags::READ;
            if write && !read_only {
                granted |= DescriptorFlags::MUTATE_DIRECTORY;
            }
        }
        Ok(self.table.push(Descriptor {
            file,
            flags: granted,
        })?)
    }

    fn readlink_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path: String,
    ) -> Result<String, Failure> {
        let dir = self.file(&descriptor)?;
        let target = dir.tree().readlink_at(dir.handle(), &path)?;
        Ok(target)
    }

    fn remove_directory_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path: String,
    ) -> Result<(), Failure> {
        let dir = self.file(&descriptor)?;
        Ok(dir.tree().remove_dir_at(dir.handle(), &path)?)
    }

    fn rename_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        old_path: String,
        new_descriptor: Resource<Descriptor>,
        new_path: String,
    ) -> Result<(), Failure> {
        let from = self.file(&descriptor)?;
        let to = self.file(&new_descriptor)?;
        Ok(from
            .tree()
            .rename_at(from.handle(), &old_path, to.handle(), &new_path)?)
    }

    fn symlink_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        target: String,
        path: String,
    ) -> Result<(), Failure> {
        let dir = self.file(&descriptor)?;
        Ok(dir.tree().symlink_at(&target, dir.handle(), &path)?)
    }

    fn unlink_file_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path: String,
    ) -> Result<(), Failure> {
        let dir = self.file(&descriptor)?;
        Ok(dir.tree().unlink_at(dir.handle(), &path)?)
    }

    fn is_same_object(
        &mut self,
        descriptor: Resource<Descriptor>,
        other: Resource<Descriptor>,
    ) -> wasmtime::Result<bool> {
        let (one, other) = (
            self.table.get(&descriptor)?.file.clone(),
            self.table.get(&other)?.file.clone(),
        );
        Ok(one.tree().is_same(one.handle(), other.handle()))
    }

    fn metadata_hash(
        &mut self,
        descriptor: Resource<Descriptor>,
    ) -> Result<MetadataHashValue, Failure> {
        let file = self.file(&descriptor)?;
        let node = file.tree().node_id(file.handle());
        Ok(convert::hash(node))
    }

    fn metadata_hash_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> Result<MetadataHashValue, Failure> {
        let dir = self.file(&descriptor)?;
        let node = dir.tree().node_id_at(dir.handle(), &path, follow(flags))?;
        Ok(convert::hash(node))
    }

    fn drop(&mut self, descriptor: Resource<Descriptor>) -> wasmtime::Result<()> {
        self.table.delete(descriptor)?;
        Ok(())
    }
}
