//! What a guest finds open when it starts, and what it is told of errors.

use wasmtime::component::Resource;

use super::backing::Backing;
use super::open_file::OpenFile;
use super::roof::Roof;
use super::{Descriptor, Failure, convert};
use crate::model::Members;
use crate::sandbox::bindings::preopens;
use crate::sandbox::bindings::types::{DescriptorFlags, ErrorCode, Host};
use crate::sandbox::state::State;
use crate::workspace::FsError;

impl State {
    fn preopen(
        &mut self,
        backing: Backing,
        read_only: bool,
    ) -> wasmtime::Result<Resource<Descriptor>> {
        let mut flags = DescriptorFlags::READ;
        if !read_only {
            flags |= DescriptorFlags::MUTATE_DIRECTORY;
        }
        Ok(self.table.push(Descriptor { backing, flags })?)
    }
}

impl preopens::Host for State {
    async fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let mut directories = Vec::new();
        if let Some((trees, mount)) = self.workspace() {
            let (backing, read_only) = match trees {
                Members::One(tree) => {
                    let (handle, read_only) = {
                        let mut tree = tree.lock();
                        (tree.root(), tree.is_read_only())
                    };
                    (Backing::Git(OpenFile::new(tree, handle)), read_only)
                }
                Members::Several(trees) => {
                    let roof = Roof::new(trees);
                    let read_only = roof.is_read_only();
                    (Backing::Roof(roof), read_only)
                }
            };
            let root = self.preopen(backing, read_only)?;
            directories.push((root, mount.to_owned()));
        }
        for granted in self.directories().to_vec() {
            let node = granted.node();
            let read_only = node.is_read_only();
            let root = self.preopen(Backing::Disk(node), read_only)?;
            directories.push((root, granted.at().to_owned()));
        }
        Ok(directories)
    }
}

impl Host for State {
    fn convert_error_code(&mut self, failure: Failure) -> wasmtime::Result<ErrorCode> {
        match failure {
            Failure::Code(code) => Ok(code),
            Failure::Trap(error) => Err(error),
        }
    }

    async fn filesystem_error_code(
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
