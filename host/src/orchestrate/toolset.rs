//! The tools of an agent: what its file names, as far as plugins that are loaded have it.

use crate::flow::Host;
use crate::model::chat::ToolSpec;
use crate::model::{At, ToolPath, ToolPattern};

/// What an agent can call.
#[derive(Debug, Clone, Default)]
pub(super) struct Toolset {
    /// By full name.
    pub(super) paths: Vec<ToolPath>,
    /// As the model is told of them.
    pub(super) specs: Vec<ToolSpec>,
    /// What its file names that nobody has.
    pub(super) missing: Vec<String>,
}

impl Toolset {
    /// Finds the tools that an agent's file names; `only`, where it names any, are those of them that this run may use.
    pub(super) fn of(host: &Host, names: &[At<String>], only: &[At<String>]) -> Self {
        let registry = host.registry();
        let all: Vec<(ToolPath, ToolSpec)> = registry
            .tools()
            .map(|(path, info)| {
                let spec = ToolSpec {
                    name: path.to_string(),
                    description: info.description.clone(),
                    parameters: info.parameters.to_string(),
                };
                (path, spec)
            })
            .collect();
        let mut missing = Vec::new();
        let own = chosen(&all, names, &mut missing);
        let narrowed = (!only.is_empty()).then(|| chosen(&all, only, &mut missing));
        let (paths, specs) = all
            .into_iter()
            .enumerate()
            .filter(|(at, _)| own.contains(at))
            .filter(|(at, _)| narrowed.as_ref().is_none_or(|only| only.contains(at)))
            .map(|(_, one)| one)
            .unzip();
        missing.sort();
        missing.dedup();
        Self {
            paths,
            specs,
            missing,
        }
    }

    /// Finds a tool by the name that a model gives.
    pub(super) fn get(&self, name: &str) -> Option<&ToolPath> {
        let at = self.specs.iter().position(|spec| spec.name == name)?;
        self.paths.get(at)
    }
}

/// Returns the places of the tools that names mean.
fn chosen(
    all: &[(ToolPath, ToolSpec)],
    names: &[At<String>],
    missing: &mut Vec<String>,
) -> Vec<usize> {
    let mut chosen = Vec::new();
    for name in names {
        let before = chosen.len();
        let pattern = name.value.parse::<ToolPattern>().ok();
        let fits = |path: &ToolPath| match &pattern {
            Some(pattern) => pattern.covers(path),
            None => path.tool.as_str() == name.value,
        };
        let found = all.iter().enumerate().filter(|(_, (path, _))| fits(path));
        chosen.extend(found.map(|(at, _)| at));
        // A tool's own name means it only where one plugin alone has it.
        if pattern.is_none() && chosen.len() > before + 1 {
            chosen.truncate(before);
        }
        if chosen.len() == before {
            missing.push(name.value.clone());
        }
    }
    chosen
}
