//! What a plugin demands and offers, so that a change of it is noticed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Digest, PluginInfo, PromptInfo, TemplateInfo, ToolInfo};

/// How many changes are told.
const TOLD: usize = 5;

/// A plugin's capabilities and tools, each as a digest of all that it says of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Demand(BTreeMap<String, String>);

impl Demand {
    /// Takes down what a plugin says of itself now.
    pub fn of<'a>(info: &PluginInfo, tools: impl IntoIterator<Item = &'a ToolInfo>) -> Self {
        let mut capabilities: Vec<&str> = info
            .capabilities
            .iter()
            .map(|capability| capability.name())
            .collect();
        capabilities.sort_unstable();
        let mut demand = BTreeMap::from([("its capabilities".to_owned(), capabilities.join(","))]);
        for tool in tools {
            demand.insert(format!("tool {}", tool.name), digest(tool));
        }
        Self(demand)
    }

    /// Takes down the prompts and templates, too: what they say is read by a model.
    #[must_use]
    pub fn and<'a>(
        mut self,
        prompts: impl IntoIterator<Item = &'a PromptInfo>,
        templates: impl IntoIterator<Item = &'a TemplateInfo>,
    ) -> Self {
        for prompt in prompts {
            let name = format!("prompt {}", prompt.name);
            self.0.insert(name, digest(prompt));
        }
        for template in templates {
            let name = format!("template {}", template.uri_template);
            self.0.insert(name, digest(template));
        }
        self
    }

    /// Returns what is another now, in words; none where all is as it was.
    pub fn changes(&self, now: &Self) -> Option<String> {
        let gone = self.0.keys().filter(|name| !now.0.contains_key(*name));
        let mut changes: Vec<String> = now
            .0
            .iter()
            .filter_map(|(name, said)| match self.0.get(name) {
                None => Some(format!("{name} is new")),
                Some(was) if was != said => Some(format!("{name} changed")),
                Some(_) => None,
            })
            .chain(gone.map(|name| format!("{name} is gone")))
            .collect();
        if changes.is_empty() {
            return None;
        }
        let more = changes.len().saturating_sub(TOLD);
        changes.truncate(TOLD);
        if more > 0 {
            changes.push(format!("{more} more"));
        }
        Some(changes.join(", "))
    }
}

fn digest(of: &impl Serialize) -> String {
    // What cannot be written as JSON has no digest of its own, and is told apart from all that can.
    let said = serde_json::to_vec(of).unwrap_or_default();
    Digest::of(&said).hex()[..32].to_owned()
}
