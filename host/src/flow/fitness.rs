//! Whether what a plugin says of itself can be used here: its contract, its schemas, its configuration.

use super::InstallError;
use super::install::LONGEST_TOOL_NAME;
use crate::model::{
    Access, Grant, PluginInfo, PluginName, Reply, ToolError, ToolInfo, ToolPath, Verb,
};
use crate::policy::Permit;
use crate::registry::{Schema, Tool};
use crate::sandbox::CONTRACT;

pub(super) fn check_contract(info: &PluginInfo) -> Result<(), InstallError> {
    let speaks = CONTRACT
        .parse()
        .is_ok_and(|contract| info.paracle_version.matches(&contract));
    if speaks {
        Ok(())
    } else {
        Err(InstallError::Contract {
            plugin: info.name.clone(),
            wanted: info.paracle_version.clone(),
        })
    }
}

pub(super) fn compile(plugin: &PluginName, info: ToolInfo) -> Result<Tool, InstallError> {
    let path = ToolPath {
        plugin: plugin.clone(),
        tool: info.name.clone(),
    };
    if path.to_string().len() > LONGEST_TOOL_NAME {
        return Err(InstallError::LongName { path });
    }
    let unusable = |error| InstallError::Schema {
        whose: path.to_string(),
        error,
    };
    let schema = Schema::compile(&info.parameters).map_err(unusable)?;
    let returns = info.returns.as_ref().map(Schema::compile).transpose();
    let returns = returns.map_err(unusable)?;
    Ok(Tool {
        info,
        schema,
        returns,
    })
}

/// Checks that a tool's answer is what its plugin said that it would be: clients read it by that, and some refuse all else.
pub(super) fn check_answer(permit: &Permit, reply: Reply) -> Reply {
    let (Verb::Tool { path, .. }, Reply::Tool(Ok(output))) = (&permit.call().verb, &reply) else {
        return reply;
    };
    let tool = permit.plugin().tool(&path.tool);
    let Some(returns) = tool.and_then(|tool| tool.returns.as_ref()) else {
        return reply;
    };
    let why = match &output.structured {
        None => "there is none".to_owned(),
        Some(structured) => match returns.check(structured) {
            Ok(()) => return reply,
            Err(problems) => {
                let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
                problems.join("; ")
            }
        },
    };
    Reply::Tool(Err(ToolError::Runtime {
        message: format!(
            "{path} answered, and what it answered does not fit the output schema that its plugin gave it: {why}; tell the plugin's author"
        ),
    }))
}

pub(super) fn check_config(
    info: &PluginInfo,
    config: &serde_json::Value,
) -> Result<(), InstallError> {
    let Some(schema) = &info.config_schema else {
        return Ok(());
    };
    let schema = Schema::compile(schema).map_err(|error| InstallError::Schema {
        whose: "its configuration".to_owned(),
        error,
    })?;
    schema.check(config).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        InstallError::Config {
            plugin: info.name.clone(),
            problems: problems.join("; "),
        }
    })
}

/// Tells the operator of a grant that has no effect, because the plugin does not declare that it wants it.
pub(super) fn warn_unused(info: &PluginInfo, grants: &Grant) {
    use crate::model::Capability::{Ask, Completions, FileAccess, NetworkAccess, Secrets, Tools};
    let given = [
        (
            FileAccess,
            grants.workspace != Access::None || !grants.directories.is_empty(),
        ),
        (Completions, !grants.completions.is_empty()),
        (Tools, !grants.tools.is_empty()),
        (
            NetworkAccess,
            !grants.network.is_empty() || !grants.sockets.is_empty(),
        ),
        (Secrets, !grants.secrets.is_empty()),
        (Ask, grants.ask),
    ];
    for (capability, given) in given {
        if given && !info.declares(capability) {
            tracing::warn!(plugin = %info.name, %capability, "a grant has no effect: the plugin does not declare that it wants it");
        }
    }
}
