//! A door for the tests that let a plugin say anything of itself, without a component that says it.

use super::bindings::exports::plugin as wit;
use super::bindings::imports::{tool_types, types};
use super::convert;
use super::describe::Description;

/// The texts of a plugin's metadata, as it says them.
#[doc(hidden)]
#[derive(Debug, Clone, Default)]
pub struct SaidMetadata {
    /// The plugin's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its description, author and licence.
    pub texts: [String; 3],
    /// The contract versions it needs.
    pub paracle_version: String,
    /// What it depends on: names and versions.
    pub dependencies: Vec<(String, String)>,
    /// The schema of its configuration.
    pub config_schema: Option<String>,
    /// Its tools.
    pub tools: Vec<SaidTool>,
}

/// The texts of a tool, as its plugin says them.
#[doc(hidden)]
#[derive(Debug, Clone, Default)]
pub struct SaidTool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The schema of its arguments.
    pub parameters: String,
    /// The schema of its result.
    pub returns: Option<String>,
}

/// Reads metadata as it is read from a component.
#[doc(hidden)]
pub fn metadata_said(said: SaidMetadata) -> Result<Description, String> {
    let [description, author, license] = said.texts;
    let dependencies = said.dependencies.into_iter();
    let info = convert::plugin_info_from_wit(wit::PluginInfo {
        name: said.name,
        version: said.version,
        description,
        author,
        homepage: None,
        license,
        kind: wit::Kind::Tool,
        capabilities: vec![types::Capability::FileAccess],
        dependencies: dependencies
            .map(|(name, version)| wit::Dependency { name, version })
            .collect(),
        paracle_version: said.paracle_version,
        config_schema: said.config_schema,
        tags: Vec::new(),
        stateful: false,
    })?;
    let tools = said.tools.into_iter().map(|tool| {
        convert::tool_info_from_wit(tool_types::ToolInfo {
            name: tool.name,
            title: None,
            description: tool.description,
            parameters: tool.parameters,
            returns: tool.returns,
            annotations: tool_types::Annotations {
                read_only: false,
                destructive: true,
                idempotent: false,
                open_world: true,
            },
            icons: Vec::new(),
            task: tool_types::TaskSupport::Optional,
            needs: vec![tool_types::Ability::Form],
        })
    });
    Ok(Description {
        info,
        tools: tools.collect::<Result<_, _>>()?,
        offers_context: false,
        templates: Vec::new(),
        prompts: Vec::new(),
    })
}
