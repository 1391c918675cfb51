//! Suggestions for arguments of prompts and variables of templates.

use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::{CompleteRequestParams, CompleteResult, Reference};
use tokio_util::sync::CancellationToken;

use super::caller::Caller;
use super::template::Template;
use super::{calling, convert, failure, names};
use crate::flow::Host;
use crate::model::{Completable, Given, PluginName, Reply, Verb};

/// Somebody is typing, and waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Suggests values.
pub(super) async fn complete(
    caller: &Caller,
    request: CompleteRequestParams,
    cancel: &CancellationToken,
) -> Result<CompleteResult, ErrorData> {
    let argument = request.argument.name;
    let (plugin, of) = match request.r#ref {
        Reference::Prompt(prompt) => {
            let path = names::prompt(&caller.host, &prompt.name)?;
            let name = path.tool.to_string();
            (path.plugin, Completable::Prompt { name, argument })
        }
        Reference::Resource(template) => {
            let plugin = owner(&caller.host, &template.uri, &argument)?;
            let of = Completable::Template {
                uri_template: template.uri,
                variable: argument,
            };
            (plugin, of)
        }
        // What the library may know one day.
        _ => {
            return Err(ErrorData::invalid_params(
                "`ref` has to be a prompt or a template",
                None,
            ));
        }
    };
    let others = request.context.and_then(|context| context.arguments);
    let mut others: Vec<_> = others
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| Given { name, value })
        .collect();
    others.sort_by(|one, other| one.name.cmp(&other.name));
    let verb = Verb::Complete {
        plugin,
        of,
        typed: request.argument.value,
        others,
    };
    match calling::quietly(caller, cancel, verb, PATIENCE).await {
        Ok(receipt) => match receipt.reply {
            Reply::Complete(Ok(made)) => Ok(CompleteResult::new(convert::suggestions(made))),
            Reply::Complete(Err(error)) => Err(failure::of_context(&error)),
            _ => Err(failure::broke("something else than suggestions came back")),
        },
        Err(error) => Err(failure::of_request(&error)),
    }
}

/// Finds the plugin that has a template with a variable.
fn owner(host: &Host, template: &str, variable: &str) -> Result<PluginName, ErrorData> {
    let registry = host.registry();
    let mut plugins = registry.plugins();
    let owner = plugins.find(|plugin| {
        let templates = plugin.context.iter().flat_map(|context| &context.templates);
        templates.clone().any(|one| one.uri_template == template)
    });
    // What cannot be read here, its plugin may understand.
    let has = |read: Template<'_>| read.variables().any(|name| name == variable);
    match owner {
        Some(owner) if Template::parse(template).is_none_or(has) => Ok(owner.info.name.clone()),
        Some(_) => Err(ErrorData::invalid_params(
            format!("the template has no variable {variable:?}"),
            None,
        )),
        None => Err(ErrorData::invalid_params(
            "there is no such template: `resources/templates/list` shows those that there are",
            None,
        )),
    }
}
