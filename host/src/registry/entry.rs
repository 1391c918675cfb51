//! What is known of one plugin.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Schema, Source};
use crate::model::{
    Digest, Grant, Limits, PluginInfo, PromptInfo, TemplateInfo, ToolInfo, ToolName,
};

/// The largest component that is read: a Python guest with its interpreter has 35 MB.
const LARGEST: u64 = 128 << 20;

/// A component's bytes on disk, known by their digest.
#[derive(Debug, Clone)]
pub struct Component {
    /// Where they are.
    pub path: PathBuf,
    /// What they were when the plugin was approved for this process.
    pub digest: Digest,
}

/// Why a component's bytes cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot be read: {source}")]
    Read {
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no file.
    #[error("is not a regular file; give the `.wasm` file itself")]
    NotAFile,
    /// The file is larger than a plugin may be.
    #[error("has {size} bytes; a plugin may have {most}", most = LARGEST)]
    TooLarge {
        /// Its size.
        size: u64,
    },
    /// The file is not what was loaded.
    #[error(
        "has changed since it was loaded (it was {was}), and nothing is kept of what it was; what is there now is loaded once it can be used"
    )]
    Changed {
        /// The digest when it was loaded.
        was: Digest,
    },
}

impl Component {
    /// Reads a file for the first time.
    pub fn read(path: &Path) -> Result<(Self, Arc<[u8]>), LoadError> {
        let read = |source| LoadError::Read { source };
        // A repository may name a pipe: it is not waited for.
        let mut file = fs::OpenOptions::new()
            .read(true)
            .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
            .open(path)
            .map_err(read)?;
        let metadata = file.metadata().map_err(read)?;
        if !metadata.is_file() {
            return Err(LoadError::NotAFile);
        }
        if metadata.len() > LARGEST {
            return Err(LoadError::TooLarge {
                size: metadata.len(),
            });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        (&mut file)
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(read)?;
        let component = Self {
            path: path.to_owned(),
            digest: Digest::of(&bytes),
        };
        Ok((component, bytes.into()))
    }

    /// Reads the file again; other bytes than the first time are refused.
    pub fn reread(&self) -> Result<Arc<[u8]>, LoadError> {
        let (now, bytes) = Self::read(&self.path)?;
        if now.digest == self.digest {
            Ok(bytes)
        } else {
            Err(LoadError::Changed { was: self.digest })
        }
    }
}

/// A tool and the check of its arguments.
#[derive(Debug, Clone)]
pub struct Tool {
    /// As the plugin describes it.
    pub info: ToolInfo,
    /// Checks arguments before the guest runs.
    pub schema: Schema,
    /// Checks the structured part of what it answers, where it says what that is.
    pub returns: Option<Schema>,
}

/// The resources and prompts that a plugin offers. Which resources there are now, a call of it says.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Resources by pattern.
    pub templates: Vec<TemplateInfo>,
    /// Its prompts.
    pub prompts: Vec<PromptInfo>,
}

/// A plugin that a call may be for.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// Who it is.
    pub info: PluginInfo,
    /// Its bytes.
    pub component: Component,
    /// How it was found.
    pub source: Source,
    /// Its tools, in its own order; empty for other kinds.
    pub tools: Vec<Tool>,
    /// What it offers beside them; none of a plugin that exports no resources and prompts.
    pub context: Option<Context>,
    /// Given to `initialize`: JSON text.
    pub config: String,
    /// What that text is known by.
    pub configured: Digest,
    /// What the operator allows within the repository.
    pub grants: Grant,
    /// What the repository would allow beyond itself, once the person approved it on this machine.
    pub outside: Grant,
    /// How much a call may take.
    pub limits: Limits,
}

impl Plugin {
    /// Finds a tool.
    pub fn tool(&self, name: &ToolName) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.info.name == *name)
    }

    /// Finds a prompt.
    pub fn prompt(&self, name: &ToolName) -> Option<&PromptInfo> {
        let mut prompts = self.context.iter().flat_map(|context| &context.prompts);
        prompts.find(|prompt| prompt.name == *name)
    }
}
