//! What waits for the person's word, and why.

use std::sync::Arc;

use serde::Serialize;

use super::Host;
use super::given::subject;
use crate::grants::{Given, GrantsError};
use crate::model::{Grant, PluginName};
use crate::policy;
use crate::registry::Plugin;

/// What of one plugin waits for the person's word.
#[derive(Debug, Clone, Serialize)]
pub struct Waiting {
    /// Which plugin.
    pub plugin: PluginName,
    /// Whether its tools are served meanwhile.
    pub served: bool,
    /// Why, in one sentence.
    pub why: String,
    /// What `plugins.yaml` grants it beyond the repository, and does not count.
    pub grant: Grant,
    /// What it is configured with, which is approved with it.
    pub config: String,
    /// What the person granted when its bytes or its configuration were other, and does not count.
    pub earlier: Vec<Given>,
}

impl Host {
    /// Returns what waits for the person's word: plugins that are not served, grants of `plugins.yaml` that do not count, and
    /// grants of the person's own that were for the plugin as it was.
    pub fn waits(&self) -> Result<Vec<Waiting>, GrantsError> {
        let mut waits = Vec::new();
        for plugin in self.registry().plugins() {
            waits.extend(self.wait_of(plugin)?);
        }
        for plugin in self.waiting() {
            let failure = self.failure_of(&plugin.info.name);
            waits.push(Waiting {
                served: false,
                why: failure.map(|failure| failure.error).unwrap_or_default(),
                ..self.wait(&plugin)?
            });
        }
        Ok(waits)
    }

    fn wait_of(&self, plugin: &Arc<Plugin>) -> Result<Option<Waiting>, GrantsError> {
        let counts = self
            .standing(plugin, None, None)?
            .operator_allows(&plugin.outside);
        let wait = self.wait(plugin)?;
        if counts && wait.earlier.is_empty() {
            return Ok(None);
        }
        Ok(Some(if counts {
            Waiting {
                why: "what you granted it was for other bytes, or another `config:`, of it"
                    .to_owned(),
                grant: Grant::default(),
                ..wait
            }
        } else {
            wait
        }))
    }

    fn wait(&self, plugin: &Arc<Plugin>) -> Result<Waiting, GrantsError> {
        Ok(Waiting {
            plugin: plugin.info.name.clone(),
            served: true,
            why: self.why_not_approved(plugin)?.to_owned(),
            grant: plugin.outside.clone(),
            config: plugin.config.clone(),
            earlier: self.grants.earlier(&subject(plugin))?,
        })
    }

    fn why_not_approved(&self, plugin: &Plugin) -> Result<&'static str, GrantsError> {
        let now = subject(plugin);
        Ok(match self.grants.approval(&now.plugin)? {
            None => "nobody approved it on this machine",
            Some(was) if was.digest != now.digest => "its bytes are not those that were approved",
            Some(was) if was.config != Some(now.config) => {
                "its `config:` is not the one that was approved"
            }
            Some(was) if policy::cut(&plugin.grants, &was.inside) != plugin.grants => {
                "plugins.yaml grants it more within the repository than when it was approved"
            }
            Some(_) => "plugins.yaml grants it more beyond the repository than was approved",
        })
    }
}
