//! Descriptors: what a guest does with what it holds open.

use wasmtime::component::Resource;
use wasmtime_wasi_io::streams::{DynInputStream, DynOutputStream};

use super::backing::{Backing, on_disk};
use super::stream::{FileInput, Position};
use super::{Descriptor, Entries, Failure, convert};
use crate::model::LimitName;
use crate::sandbox::bindings::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, HostDescriptor,
    MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use crate::sandbox::state::State;
use crate::workspace::{FsError, NodeKind, OpenNode as _};

/// The most that one `read` moves, whatever the guest asks for: it bounds what the host copies at once.
const LARGEST_READ: u64 = 4 << 20;

fn follow(flags: PathFlags) -> bool {
    flags.contains(PathFlags::SYMLINK_FOLLOW)
}

impl HostDescriptor for State {
    async fn read_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
        offset: u64,
    ) -> Result<Resource<DynInputStream>, Failure> {
        // A stream's own errors reach most guests as an unspecific one.
        let (file, flags) = self.file(&descriptor, ErrorCode::IsDirectory)?;
        if !flags.contains(DescriptorFlags::READ) {
            return Err(Failure::Code(ErrorCode::BadDescriptor));
        }
        let stream: DynInputStream = Box::new(FileInput::new(file.for_stream()?, offset));
        Ok(self.table.push(stream)?)
    }

    async fn write_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
        offset: u64,
    ) -> Result<Resource<DynOutputStream>, Failure> {
        self.output(&descriptor, Position::At(offset))
    }

    async fn append_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
    ) -> Result<Resource<DynOutputStream>, Failure> {
        self.output(&descriptor, Position::End)
    }

    async fn advise(
        &mut self,
        descriptor: Resource<Descriptor>,
        _offset: u64,
        length: u64,
        _advice: Advice,
    ) -> Result<(), Failure> {
        self.file(&descriptor, ErrorCode::BadDescriptor)?;
        match i64::try_from(length) {
            Ok(_) => Ok(()),
            Err(_) => Err(Failure::Code(ErrorCode::Invalid)),
        }
    }

    async fn sync_data(&mut self, descriptor: Resource<Descriptor>) -> Result<(), Failure> {
        self.sync(descriptor).await
    }

    async fn sync(&mut self, descriptor: Resource<Descriptor>) -> Result<(), Failure> {
        let node = self.backing(&descriptor)?;
        node.run(|node| node.sync()).await
    }

    async fn get_flags(
        &mut self,
        descriptor: Resource<Descriptor>,
    ) -> Result<DescriptorFlags, Failure> {
        Ok(self.table.get(&descriptor)?.flags)
    }

    async fn get_type(
        &mut self,
        descriptor: Resource<Descriptor>,
    ) -> Result<DescriptorType, Failure> {
        let node = self.backing(&descriptor)?;
        Ok(convert::kind(node.run(|node| node.kind()).await?))
    }

    async fn set_size(
        &mut self,
        descriptor: Resource<Descriptor>,
        size: u64,
    ) -> Result<(), Failure> {
        let (node, flags) = self.file(&descriptor, ErrorCode::BadDescriptor)?;
        if !flags.contains(DescriptorFlags::WRITE) {
            // As Linux has it, where a file is cut that was opened for reading.
            return Err(Failure::Code(ErrorCode::Invalid));
        }
        node.run(move |node| node.set_size(size)).await
    }

    async fn set_times(
        &mut self,
        descriptor: Resource<Descriptor>,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Result<(), Failure> {
        let (accessed, modified) = (convert::set_time(accessed)?, convert::set_time(modified)?);
        let node = self.backing(&descriptor)?;
        node.run(move |node| node.set_times(accessed, modified))
            .await
    }

    async fn read(
        &mut self,
        descriptor: Resource<Descriptor>,
        length: u64,
        offset: u64,
    ) -> Result<(Vec<u8>, bool), Failure> {
        let node = self.opened_at(DescriptorFlags::READ, &descriptor, offset)?;
        let most = usize::try_from(length.min(LARGEST_READ)).unwrap_or(usize::MAX);
        let bytes = node.run(move |node| node.read(offset, most)).await?;
        let end = bytes.is_empty() && most > 0;
        Ok((bytes, end))
    }

    async fn write(
        &mut self,
        descriptor: Resource<Descriptor>,
        bytes: Vec<u8>,
        offset: u64,
    ) -> Result<u64, Failure> {
        let node = self.opened_at(DescriptorFlags::WRITE, &descriptor, offset)?;
        let length = bytes.len() as u64;
        node.run(move |node| node.write(offset, &bytes)).await?;
        Ok(length)
    }

    async fn read_directory(
        &mut self,
        descriptor: Resource<Descriptor>,
    ) -> Result<Resource<Entries>, Failure> {
        let node = self.backing(&descriptor)?;
        let entries = node.run(|node| node.list()).await?;
        let most = self.account().limits().most_here(LimitName::Held);
        let Some(listing) = Entries::new(entries, &self.listed, most) else {
            self.account().refuse(LimitName::Held);
            return Err(Failure::Code(ErrorCode::InsufficientMemory));
        };
        Ok(self.table.push(listing)?)
    }

    async fn create_directory_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path: String,
    ) -> Result<(), Failure> {
        let dir = self.directory(&descriptor)?;
        dir.run(move |dir| dir.create_dir_at(&path)).await
    }

    async fn stat(&mut self, descriptor: Resource<Descriptor>) -> Result<DescriptorStat, Failure> {
        let node = self.backing(&descriptor)?;
        Ok(convert::stat(&node.run(|node| node.stat()).await?))
    }

    async fn stat_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> Result<DescriptorStat, Failure> {
        let dir = self.directory(&descriptor)?;
        let stat = dir.run(move |dir| dir.stat_at(&path, follow(flags)));
        Ok(convert::stat(&stat.await?))
    }

    async fn set_times_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Result<(), Failure> {
        let dir = self.directory(&descriptor)?;
        let (accessed, modified) = (convert::set_time(accessed)?, convert::set_time(modified)?);
        dir.run(move |dir| dir.set_times_at(&path, follow(flags), accessed, modified))
            .await
    }

    async fn link_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        old_path: String,
        new_descriptor: Resource<Descriptor>,
        new_path: String,
    ) -> Result<(), Failure> {
        let (from, to) = self.two_directories(&descriptor, &new_descriptor)?;
        let (from, old_path) = from.changing(old_path)?;
        let (to, new_path) = to.changing(new_path)?;
        match (from, to) {
            (Backing::Git(_), Backing::Git(_)) if follow(flags) => {
                Err(Failure::Code(ErrorCode::Invalid))
            }
            (Backing::Git(from), Backing::Git(to)) if from.is_beside(&to) => {
                let (old, new) = (from.handle(), to.handle());
                Ok(from.tree().link_at(old, &old_path, new, &new_path)?)
            }
            (Backing::Disk(from), Backing::Disk(to)) => {
                on_disk(move || from.link_at(&old_path, follow(flags), &to, &new_path)).await
            }
            (Backing::Git(_) | Backing::Roof(_) | Backing::Disk(_), _) => {
                Err(FsError::CrossDevice.into())
            }
        }
    }

    async fn open_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path_flags: PathFlags,
        path: String,
        open: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Resource<Descriptor>, Failure> {
        let dir = self.directory(&descriptor)?;
        let each_write = DescriptorFlags::FILE_INTEGRITY_SYNC
            | DescriptorFlags::DATA_INTEGRITY_SYNC
            | DescriptorFlags::REQUESTED_WRITE_SYNC;
        if flags.intersects(each_write) {
            return Err(Failure::Code(ErrorCode::Unsupported));
        }
        // What is made or emptied is written, and what is not opened for writing is read.
        let changes = OpenFlags::CREATE | OpenFlags::TRUNCATE;
        let write = flags.contains(DescriptorFlags::WRITE) || open.intersects(changes);
        let read = flags.contains(DescriptorFlags::READ) || !flags.contains(DescriptorFlags::WRITE);
        let how = crate::workspace::OpenFlags {
            create: open.contains(OpenFlags::CREATE),
            directory: open.contains(OpenFlags::DIRECTORY),
            exclusive: open.contains(OpenFlags::EXCLUSIVE),
            truncate: open.contains(OpenFlags::TRUNCATE),
        };
        let (dir, path) = dir.opening(path, how)?;
        let (backing, kind, read_only) = match dir {
            Backing::Roof(roof) => {
                roof.check_open(how, write)?;
                let read_only = roof.is_read_only();
                (Backing::Roof(roof), NodeKind::Directory, read_only)
            }
            Backing::Git(dir) => {
                let handle =
                    dir.tree()
                        .open_at(dir.handle(), &path, follow(path_flags), how, write)?;
                let file = dir.sibling(handle);
                let kind = file.kind()?;
                let read_only = file.tree().is_read_only();
                (Backing::Git(file), kind, read_only)
            }
            Backing::Disk(dir) => {
                let node =
                    on_disk(move || dir.open_at(&path, follow(path_flags), how, read, write))
                        .await?;
                let (kind, read_only) = (node.kind()?, node.is_read_only());
                (Backing::Disk(node), kind, read_only)
            }
        };
        // A directory that may be changed is one that was opened where that is so, and asked for it.
        let if_so = |flag, so| if so { flag } else { DescriptorFlags::empty() };
        let mut granted = if_so(DescriptorFlags::READ, read) | if_so(DescriptorFlags::WRITE, write);
        if kind == NodeKind::Directory {
            granted = DescriptorFlags::READ;
            let asked = DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY;
            if flags.intersects(asked) && !read_only {
                granted |= DescriptorFlags::MUTATE_DIRECTORY;
            }
        }
        Ok(self.table.push(Descriptor {
            backing,
            flags: granted,
        })?)
    }

    async fn readlink_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path: String,
    ) -> Result<String, Failure> {
        let dir = self.directory(&descriptor)?;
        dir.run(move |dir| dir.readlink_at(&path)).await
    }

    async fn remove_directory_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path: String,
    ) -> Result<(), Failure> {
        let dir = self.directory(&descriptor)?;
        dir.run(move |dir| dir.remove_dir_at(&path)).await
    }

    async fn rename_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        old_path: String,
        new_descriptor: Resource<Descriptor>,
        new_path: String,
    ) -> Result<(), Failure> {
        let (from, to) = self.two_directories(&descriptor, &new_descriptor)?;
        let (from, old_path) = from.changing(old_path)?;
        let (to, new_path) = to.changing(new_path)?;
        match (from, to) {
            (Backing::Git(from), Backing::Git(to)) if from.is_beside(&to) => {
                let (old, new) = (from.handle(), to.handle());
                Ok(from.tree().rename_at(old, &old_path, new, &new_path)?)
            }
            (Backing::Disk(from), Backing::Disk(to)) => {
                on_disk(move || from.rename_at(&old_path, &to, &new_path)).await
            }
            (Backing::Git(_) | Backing::Roof(_) | Backing::Disk(_), _) => {
                Err(FsError::CrossDevice.into())
            }
        }
    }

    async fn symlink_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        target: String,
        path: String,
    ) -> Result<(), Failure> {
        let dir = self.directory(&descriptor)?;
        dir.run(move |dir| dir.symlink_at(&target, &path)).await
    }

    async fn unlink_file_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path: String,
    ) -> Result<(), Failure> {
        let dir = self.directory(&descriptor)?;
        dir.run(move |dir| dir.unlink_at(&path)).await
    }

    async fn is_same_object(
        &mut self,
        descriptor: Resource<Descriptor>,
        other: Resource<Descriptor>,
    ) -> wasmtime::Result<bool> {
        let one = self.table.get(&descriptor)?.backing.clone();
        let other = self.table.get(&other)?.backing.clone();
        let identity = async |node: Backing| node.run(|node| node.identity()).await;
        Ok(match (identity(one).await, identity(other).await) {
            (Ok(one), Ok(other)) => one == other,
            (Err(_), _) | (_, Err(_)) => false,
        })
    }

    async fn metadata_hash(
        &mut self,
        descriptor: Resource<Descriptor>,
    ) -> Result<MetadataHashValue, Failure> {
        let node = self.backing(&descriptor)?;
        Ok(convert::hash(node.run(|node| node.identity()).await?))
    }

    async fn metadata_hash_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> Result<MetadataHashValue, Failure> {
        let dir = self.directory(&descriptor)?;
        let node = dir.run(move |dir| dir.identity_at(&path, follow(flags)));
        Ok(convert::hash(node.await?))
    }

    async fn drop(&mut self, descriptor: Resource<Descriptor>) -> wasmtime::Result<()> {
        self.table.delete(descriptor)?;
        Ok(())
    }
}
