//! The names that tools and prompts are offered by.

use std::collections::HashMap;

use rmcp::ErrorData;
use rmcp::model::{Prompt, Tool};

use super::{convert, failure, own};
use crate::flow::Host;
use crate::model::{OfferedNames, ToolName, ToolPath};

/// What is named.
#[derive(Clone, Copy)]
enum What {
    Tools,
    Prompts,
}

/// Lists the tools of all plugins by the names that they are offered by.
pub(super) fn tools(host: &Host) -> Vec<Tool> {
    let registry = host.registry();
    let named = Named::of(host, What::Tools);
    let tools = registry
        .tools()
        .map(|(path, info)| convert::tool(named.name(&path), info));
    tools.collect()
}

/// Describes the tool that a name stands for, if it is offered.
pub(super) fn described(host: &Host, name: &str) -> Option<Tool> {
    let path = tool(host, name).ok()?;
    let registry = host.registry();
    let mut tools = registry.get(&path.plugin)?.tools.iter();
    let found = tools.find(|tool| tool.info.name == path.tool)?;
    Some(convert::tool(name.to_owned(), &found.info))
}

/// Lists the prompts of all plugins by the names that they are offered by.
pub(super) fn prompts(host: &Host) -> Vec<Prompt> {
    let registry = host.registry();
    let named = Named::of(host, What::Prompts);
    let mut prompts = Vec::new();
    for plugin in registry.plugins() {
        for info in plugin.context.iter().flat_map(|context| &context.prompts) {
            let path = ToolPath {
                plugin: plugin.info.name.clone(),
                tool: info.name.clone(),
            };
            prompts.push(convert::prompt_info(named.name(&path), info));
        }
    }
    prompts
}

/// Finds the tool that a name stands for.
pub(super) fn tool(host: &Host, name: &str) -> Result<ToolPath, ErrorData> {
    find(host, What::Tools, name, "tool")
}

/// Finds the prompt that a name stands for.
pub(super) fn prompt(host: &Host, name: &str) -> Result<ToolPath, ErrorData> {
    find(host, What::Prompts, name, "prompt")
}

fn find(host: &Host, what: What, name: &str, kind: &str) -> Result<ToolPath, ErrorData> {
    match name.parse::<ToolPath>() {
        Ok(path) => Ok(path),
        Err(error) => Named::of(host, what)
            .path(name)
            .ok_or_else(|| failure::unknown(kind, &error)),
    }
}

/// Bare names that stand for one thing.
struct Named(HashMap<ToolName, ToolPath>);

impl Named {
    fn of(host: &Host, what: What) -> Self {
        match host.settings().mcp.names {
            OfferedNames::Prefixed => Self(HashMap::new()),
            OfferedNames::Plain => Self::unique(all(host, what)),
        }
    }

    fn unique(paths: Vec<ToolPath>) -> Self {
        let mut found: HashMap<ToolName, Option<ToolPath>> = HashMap::new();
        for path in paths {
            let name = path.tool.clone();
            // A tool's name has no two underscores, so it reads like no full one; but one of the host's own is taken.
            let taken = own::is_own(name.as_str());
            found
                .entry(name)
                .and_modify(|there| *there = None)
                .or_insert_with(|| (!taken).then_some(path));
        }
        let unique = found
            .into_iter()
            .filter_map(|(name, path)| Some((name, path?)));
        Self(unique.collect())
    }

    fn name(&self, path: &ToolPath) -> String {
        match self.0.get(&path.tool) {
            Some(one) if one == path => path.tool.to_string(),
            Some(_) | None => path.to_string(),
        }
    }

    fn path(&self, name: &str) -> Option<ToolPath> {
        let name: ToolName = name.parse().ok()?;
        self.0.get(&name).cloned()
    }
}

fn all(host: &Host, what: What) -> Vec<ToolPath> {
    let registry = host.registry();
    match what {
        What::Tools => registry.tools().map(|(path, _)| path).collect(),
        What::Prompts => {
            let mut paths = Vec::new();
            for plugin in registry.plugins() {
                for info in plugin.context.iter().flat_map(|context| &context.prompts) {
                    paths.push(ToolPath {
                        plugin: plugin.info.name.clone(),
                        tool: info.name.clone(),
                    });
                }
            }
            paths
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_names_shadow_nothing() {
        let paths = ["a__read", "b__read", "a__edit", "a__paracle_find"];
        let paths: Vec<ToolPath> = paths.iter().filter_map(|path| path.parse().ok()).collect();
        assert_eq!(paths.len(), 4);
        let named = Named::unique(paths.clone());
        let offered: Vec<_> = paths.iter().map(|path| named.name(path)).collect();
        assert_eq!(offered, ["a__read", "b__read", "edit", "a__paracle_find"]);
        assert_eq!(named.path("edit"), Some(paths[2].clone()));
        assert_eq!(named.path("read"), None);
    }
}
