//! Resources: which there are, and reading one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::model::{
    ListResourceTemplatesResult, ListResourcesResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::caller::Caller;
use super::handler::Handler;
use super::pages::{PAGE, page};
use super::talk::Bound;
use super::template::Template;
use super::turn::Turned;
use super::{calling, convert, failure, own};
use crate::model::{ContextError, PluginName, Reply, ResourceInfo, Verb};

/// How long a plugin may take to list what it has: the client waits for the slowest.
const PATIENCE: Duration = Duration::from_secs(10);

/// Resources that are remembered with the plugin that listed them.
const REMEMBERED: usize = 20_000;

/// Whose the resources are that a caller was shown.
#[derive(Default)]
pub(super) struct Listed(Mutex<HashMap<String, PluginName>>);

impl Listed {
    fn remember(&self, listed: &[(PluginName, ResourceInfo)]) {
        // The first plugin that lists an address has it.
        let mut shown = HashMap::new();
        for (plugin, info) in listed.iter().take(REMEMBERED) {
            shown
                .entry(info.uri.clone())
                .or_insert_with(|| plugin.clone());
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = shown;
    }

    fn owner(&self, uri: &str) -> Option<PluginName> {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.get(uri).cloned()
    }
}

/// Lists the resources of all plugins, and the host's own.
pub(super) async fn list(
    caller: &Arc<Caller>,
    asked: Option<PaginatedRequestParams>,
    cancel: &CancellationToken,
) -> Result<ListResourcesResult, ErrorData> {
    let listed = offered(caller, cancel).await;
    caller.listed.remember(&listed);
    let mut resources = own::resources(caller).await;
    resources.extend(listed.iter().map(|(_, info)| convert::resource(info)));
    let (resources, next) = page(resources, |resource| &resource.uri, asked, PAGE)?;
    let mut result = ListResourcesResult::with_all_items(resources);
    result.next_cursor = next;
    Ok(result)
}

/// Lists the templates of all plugins.
pub(super) fn templates(
    caller: &Caller,
    asked: Option<PaginatedRequestParams>,
) -> Result<ListResourceTemplatesResult, ErrorData> {
    let registry = caller.host.registry();
    let mut templates = own::templates();
    for plugin in registry.plugins() {
        let context = plugin.context.iter();
        let offered = context.flat_map(|context| &context.templates);
        templates.extend(offered.map(convert::template));
    }
    let (templates, next) = page(templates, |template| &template.uri_template, asked, PAGE)?;
    let mut result = ListResourceTemplatesResult::with_all_items(templates);
    result.next_cursor = next;
    Ok(result)
}

/// Asks all plugins at once. One that does not answer is missing.
async fn offered(
    caller: &Arc<Caller>,
    cancel: &CancellationToken,
) -> Vec<(PluginName, ResourceInfo)> {
    let mut asked = JoinSet::new();
    for plugin in that_offer(caller) {
        let (caller, cancel) = (caller.clone(), cancel.clone());
        asked.spawn(async move {
            let verb = Verb::Resources {
                plugin: plugin.clone(),
            };
            let listed = calling::quietly(&caller, &cancel, verb, PATIENCE).await;
            let why = match listed.map(|receipt| receipt.reply) {
                Ok(Reply::Resources(Ok(listed))) => return (plugin, listed),
                Ok(Reply::Resources(Err(error))) => error.to_string(),
                Ok(_) => "it answered something else".to_owned(),
                Err(error) => error.to_string(),
            };
            tracing::warn!(%plugin, "its resources are not listed: {why}");
            (plugin, Vec::new())
        });
    }
    let mut listed = Vec::new();
    while let Some(one) = asked.join_next().await {
        match one {
            Ok(one) => listed.push(one),
            Err(error) => tracing::error!(%error, "the resources of a plugin are not listed"),
        }
    }
    listed.sort_by(|one, other| one.0.cmp(&other.0));
    let each = |(plugin, infos): (PluginName, Vec<ResourceInfo>)| {
        infos.into_iter().map(move |info| (plugin.clone(), info))
    };
    listed.into_iter().flat_map(each).collect()
}

/// Returns the plugins that offer resources, by name.
fn that_offer(caller: &Caller) -> Vec<PluginName> {
    let registry = caller.host.registry();
    let offer = registry
        .plugins()
        .filter(|plugin| plugin.context.is_some() && caller.may_read(&plugin.info.name));
    offer.map(|plugin| plugin.info.name.clone()).collect()
}

/// Tells whether a caller may read an address, or a plugin that may have it.
pub(super) fn may_read(caller: &Caller, uri: &str) -> bool {
    if own::is_own_address(uri) {
        return own::plugin_of(uri).is_none_or(|plugin| caller.may_read(&plugin));
    }
    // A plugin may know more addresses than it lists, or than there are templates for.
    caller.ceiling.is_none()
        || candidates(caller, uri)
            .iter()
            .any(|plugin| caller.may_read(plugin))
}

/// Returns the plugins that may have an address: the one that listed it, else those with a template for it, else all.
fn candidates(caller: &Caller, uri: &str) -> Vec<PluginName> {
    let registry = caller.host.registry();
    if let Some(owner) = caller.listed.owner(uri)
        && registry
            .get(&owner)
            .is_some_and(|owner| owner.context.is_some())
    {
        return vec![owner];
    }
    let fits = |template: &str| Template::parse(template).is_some_and(|read| read.matches(uri));
    let by_template = registry.plugins().filter(|plugin| {
        let mut templates = plugin.context.iter().flat_map(|context| &context.templates);
        templates.any(|template| fits(&template.uri_template))
    });
    let by_template: Vec<_> = by_template.map(|plugin| plugin.info.name.clone()).collect();
    if by_template.is_empty() {
        that_offer(caller)
    } else {
        by_template
    }
}

impl Handler {
    /// Reads a resource.
    pub(super) async fn read(
        self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        if let Some(read) = own::read(&self.caller, &uri).await {
            return Ok(ReadResourceResult::new(read?).into());
        }
        let bound = Bound::to(&self.caller.name, "resources/read", &uri, &Value::Null);
        let mut come = (request.request_state, request.input_responses);
        let mut plugins = candidates(&self.caller, &uri).into_iter();
        while let Some(plugin) = plugins.next() {
            let verb = Verb::Read {
                plugin,
                uri: uri.clone(),
            };
            let back = come.0.is_some();
            let made = match self.turn(&context, come, verb, &bound, None).await? {
                Turned::Asks(asked) => return Ok(asked.into()),
                Turned::Task(_) => return Err(failure::broke("a resource is no task")),
                Turned::Done(made) => made.receipt()?,
            };
            come = (None, None);
            match made.reply {
                Reply::Read(Ok(contents)) if !contents.is_empty() => {
                    let contents = contents.into_iter().map(convert::read);
                    return Ok(ReadResourceResult::new(contents.collect()).into());
                }
                Reply::Read(Ok(_) | Err(ContextError::NotFound { .. })) => {}
                Reply::Read(Err(error)) => return Err(failure::of_context(&error)),
                _ => return Err(failure::broke("something else than a resource came back")),
            }
            if back {
                // What went on was a question of this plugin's; those before it were asked already.
                plugins = plugins
                    .filter(|plugin| *plugin > made.plugin)
                    .collect::<Vec<_>>()
                    .into_iter();
            }
        }
        Err(not_found(&uri))
    }
}

/// Makes the answer to a request for what is nowhere.
pub(super) fn not_found(uri: &str) -> ErrorData {
    ErrorData::resource_not_found(
        "there is no such resource: `resources/list` and `resources/templates/list` show what there is",
        Some(json!({ "uri": uri })),
    )
}
