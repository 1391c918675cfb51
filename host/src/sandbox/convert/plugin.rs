//! Metadata, health and refusals.

use super::text::{check_length, said};
use crate::model::{Capability, Denied, Dependency, Health, Kind, Party, PluginInfo, Status};
use crate::sandbox::bindings::exports::plugin as wit;
use crate::sandbox::bindings::imports::types;

/// Gives both directions of the capability table, exhaustively.
macro_rules! capabilities {
    ($($name:ident,)*) => {
        const fn capability_from_wit(capability: types::Capability) -> Capability {
            match capability { $(types::Capability::$name => Capability::$name,)* }
        }

        const fn capability_to_wit(capability: Capability) -> types::Capability {
            match capability { $(Capability::$name => types::Capability::$name,)* }
        }
    };
}

capabilities! {
    TextGeneration, ChatCompletion, Streaming, FunctionCalling, Vision, ExecutionTracking, MetricsCollection,
    ErrorReporting, CostTracking, PersistentStorage, VectorSearch, SemanticCache, FileAccess, NetworkAccess,
    ShellAccess, DatabaseAccess, Completions, Tools, Memory, Ask, Secrets,
}

/// Checks a plugin's metadata; the error names the field and what to do.
pub(in crate::sandbox) fn plugin_info_from_wit(
    info: wit::PluginInfo,
) -> Result<PluginInfo, String> {
    for (name, text) in [
        ("name", Some(info.name.as_str())),
        ("description", Some(info.description.as_str())),
        ("author", Some(info.author.as_str())),
        ("homepage", info.homepage.as_deref()),
        ("license", Some(info.license.as_str())),
        ("config_schema", info.config_schema.as_deref()),
    ] {
        check_length(name, text.unwrap_or_default())?;
    }
    check_length("tags", &info.tags.concat())?;
    let field =
        |name: &'static str| move |error: &dyn std::fmt::Display| format!("`{name}`: {error}");
    Ok(PluginInfo {
        name: info.name.parse().map_err(|error| field("name")(&error))?,
        version: info.version.parse().map_err(|error| {
            format!(
                "`version` is {:?}, which is not semver ({error}); write it like 1.2.3",
                cut(&info.version)
            )
        })?,
        description: required("description", info.description)?,
        author: required("author", info.author)?,
        homepage: info.homepage,
        license: info.license,
        kind: kind_from_wit(info.kind),
        capabilities: info
            .capabilities
            .into_iter()
            .map(capability_from_wit)
            .collect(),
        dependencies: info
            .dependencies
            .into_iter()
            .map(|dependency| {
                Ok(Dependency {
                    name: dependency
                        .name
                        .parse()
                        .map_err(|error| field("dependencies")(&error))?,
                    version: requirement("dependencies", &dependency.version)?,
                })
            })
            .collect::<Result<_, String>>()?,
        paracle_version: requirement("paracle_version", &info.paracle_version)?,
        config_schema: info
            .config_schema
            .map(|schema| {
                serde_json::from_str(&schema)
                    .map_err(|error| format!("`config_schema` is not JSON: {error}"))
            })
            .transpose()?,
        tags: info.tags,
        stateful: info.stateful,
    })
}

fn requirement(field: &str, text: &str) -> Result<semver::VersionReq, String> {
    text.parse().map_err(|error| {
        format!(
            "`{field}` has {:?}, which is not a semver requirement ({error}); write it like `>=1.2, <2`",
            cut(text)
        )
    })
}

fn required(field: &str, text: String) -> Result<String, String> {
    if text.trim().is_empty() {
        Err(format!("`{field}` is empty; say something"))
    } else {
        Ok(text)
    }
}

/// Returns the beginning of a text that a plugin chose, short enough to quote.
fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

const fn kind_from_wit(kind: wit::Kind) -> Kind {
    match kind {
        wit::Kind::Tool => Kind::Tool,
        wit::Kind::Provider => Kind::Provider,
        wit::Kind::Adapter => Kind::Adapter,
        wit::Kind::Observer => Kind::Observer,
        wit::Kind::Memory => Kind::Memory,
    }
}

/// Takes a plugin's health report; name and version are the host's, whatever the plugin says.
pub(in crate::sandbox) fn health_from_wit(report: wit::HealthReport, info: &PluginInfo) -> Health {
    Health {
        plugin: info.name.clone(),
        version: info.version.clone(),
        status: match report.status {
            wit::Status::Healthy => Status::Healthy,
            wit::Status::Degraded => Status::Degraded,
            wit::Status::Unhealthy => Status::Unhealthy,
        },
        capabilities: report
            .capabilities
            .into_iter()
            .map(capability_from_wit)
            .collect(),
        detail: report.detail,
    }
}

pub(in crate::sandbox) fn denied_to_wit(denied: Denied) -> types::Denied {
    types::Denied {
        capability: capability_to_wit(denied.capability),
        message: denied.message,
        fix: denied.fix,
    }
}

/// Takes a refusal that a guest passes on. What it says is the guest's; `policy` puts its own words in their place.
pub(in crate::sandbox) fn denied_from_wit(denied: types::Denied) -> Denied {
    Denied {
        capability: capability_from_wit(denied.capability),
        missing: Party::Operator,
        message: said(denied.message),
        fix: said(denied.fix),
        needs: None,
    }
}

/// Joins the problems of a configuration into one sentence.
pub(in crate::sandbox) fn problems_from_wit(problems: &[types::ConfigProblem]) -> String {
    let problems: Vec<String> = problems
        .iter()
        .map(|problem| {
            if problem.at.is_empty() {
                problem.message.clone()
            } else {
                format!("{}: {}", problem.at, problem.message)
            }
        })
        .collect();
    said(problems.join("; "))
}
