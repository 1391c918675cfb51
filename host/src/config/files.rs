//! The files of a `.parac` folder, as they are written.

use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{ConfigError, PluginEntry};
use crate::model::{ExecutionSettings, Grant, LimitValues, McpSettings, PluginName, Retries};

/// No honest configuration is larger; a larger file is a mistake or an attack on memory.
const LARGEST: u64 = 1 << 20;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlugins {
    #[serde(default)]
    plugins: Option<Vec<RawPlugin>>,
    #[serde(default)]
    limits: Option<LimitValues>,
    #[serde(default)]
    providers: Option<Retries>,
}

/// What `plugins.yaml` says.
#[derive(Debug, Default)]
pub(super) struct Plugins {
    pub(super) entries: Vec<PluginEntry>,
    /// The most that any plugin may take.
    pub(super) limits: LimitValues,
    /// How often a model is asked again.
    pub(super) providers: Retries,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlugin {
    name: Spanned<PluginName>,
    #[serde(default = "enabled")]
    enabled: bool,
    #[serde(default)]
    config: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default)]
    path: Option<PathBuf>,
    #[serde(default)]
    grants: Option<Grant>,
    #[serde(default)]
    limits: Option<LimitValues>,
}

const fn enabled() -> bool {
    true
}

/// Reads `config/plugins.yaml`; a missing or empty file lists nothing.
pub(super) fn read_plugins(parac: &Path) -> Result<Plugins, ConfigError> {
    let path = parac.join("config").join("plugins.yaml");
    let raw: RawPlugins = read(&path)?;
    let mut entries: Vec<PluginEntry> = Vec::new();
    for plugin in raw.plugins.unwrap_or_default() {
        let at = plugin.name.referenced;
        let wrong = |line, column, message| ConfigError::Content {
            path: path.clone(),
            line,
            column,
            message,
        };
        let name = plugin.name.value;
        if let Some(first) = entries.iter().find(|entry| entry.name == name) {
            return Err(wrong(
                at.line(),
                at.column(),
                format!(
                    "plugin {name} is listed twice, first in line {}; keep one of the two",
                    first.line
                ),
            ));
        }
        entries.push(PluginEntry {
            name,
            enabled: plugin.enabled,
            config: plugin.config.unwrap_or_default(),
            path: plugin.path.map(|path| parac.join(path)),
            grants: plugin.grants.unwrap_or_default(),
            limits: plugin.limits.unwrap_or_default(),
            line: at.line(),
        });
    }
    Ok(Plugins {
        entries,
        limits: raw.limits.unwrap_or_default(),
        providers: raw.providers.unwrap_or_default(),
    })
}

/// Reads `config/git.yaml`; a missing or empty file changes nothing.
pub(super) fn read_git(parac: &Path) -> Result<ExecutionSettings, ConfigError> {
    read(&parac.join("config").join("git.yaml"))
}

/// Reads `config/mcp.yaml`; a missing or empty file changes nothing.
pub(super) fn read_mcp(parac: &Path) -> Result<McpSettings, ConfigError> {
    read(&parac.join("config").join("mcp.yaml"))
}

/// Returns the line of `config/git.yaml` that names the base branch.
pub fn line_of_base_branch(parac: &Path) -> Option<u64> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Only {
        base_branch: Option<Spanned<String>>,
    }
    let only: Only = read(&parac.join("config").join("git.yaml")).ok()?;
    Some(only.base_branch?.referenced.line())
}

#[expect(
    clippy::disallowed_methods,
    reason = "config is the room that reads what configuration names"
)]
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })
}

pub(super) fn read<T: Default + serde::de::DeserializeOwned>(
    path: &Path,
) -> Result<T, ConfigError> {
    let Some(text) = read_text_of(path)? else {
        return Ok(T::default());
    };
    // `Option`: a file that is empty, or holds comments only, is YAML's null.
    match serde_saphyr::from_str::<Option<T>>(&text) {
        Ok(value) => Ok(value.unwrap_or_default()),
        Err(error) => Err(no_yaml(path, &error)),
    }
}

/// Says where a text is not the YAML that belongs there.
pub(super) fn no_yaml(path: &Path, error: &serde_saphyr::Error) -> ConfigError {
    let at = error.location();
    ConfigError::Content {
        path: path.to_owned(),
        line: at.map_or(1, |at| at.line()),
        column: at.map_or(1, |at| at.column()),
        message: readable(&error.without_snippet().to_string()),
    }
}

/// Reads a file's text; none where there is no such file.
pub(super) fn read_text_of(path: &Path) -> Result<Option<String>, ConfigError> {
    let failed = |source| ConfigError::Read {
        path: path.to_owned(),
        source,
    };
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > LARGEST => Err(ConfigError::TooLarge {
            path: path.to_owned(),
            size: metadata.len(),
            most: LARGEST,
        }),
        Ok(_) => read_text(path).map(Some).map_err(failed),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// Reads a regular file up to the largest size. A repository may bring a link to anything: a pipe is not waited for, and what has
/// no end is not read to it.
fn read_text(path: &Path) -> std::io::Result<String> {
    let file = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// Takes away the place, which stands before the message already, and the parser's words for YAML's shapes.
fn readable(message: &str) -> String {
    let message = match message.rsplit_once(" at line ") {
        Some((message, _)) => message,
        None => message,
    };
    match message {
        "expected sequence start" => {
            "here belongs a list, as in `[a, b]`, or `- a` lines".to_owned()
        }
        "expected mapping start" => "here belongs a map, as in `key: value`".to_owned(),
        _ => message.to_owned(),
    }
}
