//! Asking a component who it is, with nothing granted.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::account::Account;
use super::bindings::exports;
use super::engine::Sandbox;
use super::error::{PrepareError, RunError};
use super::gate::{Habit, Place};
use super::guard::{Watch, guard};
use super::instance::{Instance, Offered};
use super::prepare::Prepared;
use super::run::keeps;
use super::{convert, state::State};
use crate::model::{
    Digest, LimitName, LimitOrigin, Limits, PluginInfo, PromptInfo, TemplateInfo, ToolInfo,
};
use crate::registry::Plugin;

/// What a component says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Its metadata.
    pub info: PluginInfo,
    /// Its tools; empty for other kinds.
    pub tools: Vec<ToolInfo>,
    /// Whether it offers resources and prompts.
    #[serde(default)]
    pub offers_context: bool,
    /// Its resources by pattern.
    #[serde(default)]
    pub templates: Vec<TemplateInfo>,
    /// Its prompts.
    #[serde(default)]
    pub prompts: Vec<PromptInfo>,
}

/// The name of a kept description, beside the compiled code.
const KEPT: &str = "description.json";

/// A list of tools that no assistant could read is longer.
const MOST: usize = 256;

/// Nothing honest takes longer to tell its name.
const LIMITS: Limits = Limits::DEFAULT
    .with(LimitName::Time, 5_000, LimitOrigin::Host)
    .fixed();

impl Sandbox {
    /// Describes a component. What was described before on this machine is not run, nor even compiled, again.
    pub async fn describe(
        self: &Arc<Self>,
        digest: Digest,
        bytes: Arc<[u8]>,
        file: &str,
    ) -> Result<Description, PrepareError> {
        if let Some(kept) = self.prepared.cache().text(&digest, KEPT)
            && let Ok(description) = serde_json::from_str(&kept)
        {
            return Ok(description);
        }
        let prepared = self.prepare(digest, move || Ok(bytes)).await?;
        let description = self.ask(&prepared, file).await?;
        match serde_json::to_vec(&description) {
            Ok(json) => self.prepared.cache().keep(&digest, KEPT, &json),
            Err(error) => tracing::debug!(%error, "a description is not kept"),
        }
        Ok(description)
    }

    /// Lets a plugin check its configuration and start with it, with nothing granted. An answer is remembered: the
    /// same bytes with the same configuration are asked once.
    pub async fn check_config(
        self: &Arc<Self>,
        digest: Digest,
        bytes: Arc<[u8]>,
        name: &str,
        config: &str,
    ) -> Result<(), PrepareError> {
        let kept = format!("config-{}", &Digest::of(config.as_bytes()).hex()[..16]);
        if self.prepared.cache().text(&digest, &kept).is_some() {
            return Ok(());
        }
        let prepared = self.prepare(digest, move || Ok(bytes)).await?;
        self.alone(&prepared, name, async |instance| {
            instance.configure(config).await
        })
        .await??;
        self.prepared.cache().keep(&digest, &kept, b"accepted\n");
        Ok(())
    }

    /// Describes a plugin as it is now: what it says once its instance lives may be another than what its bytes said at first.
    /// Not kept.
    pub async fn describe_again(
        self: &Arc<Self>,
        plugin: &Plugin,
    ) -> Result<Description, PrepareError> {
        let silent = |source| PrepareError::Silent { source };
        let prepared = self.prepared_of(plugin).await.map_err(silent)?;
        if !keeps(plugin) {
            return self.ask(&prepared, plugin.info.name.as_str()).await;
        }
        // The call that it said so in may still run, and takes the time that it may take.
        self.live.free(plugin.component.digest).await;
        let _running = self.ticker.run();
        let account = Account::new(&LIMITS);
        let watch = Watch {
            account: &account,
            cancel: &CancellationToken::new(),
            client: None,
            place: Some(Place::before(self.gate.clone(), Habit::default())),
        };
        let said = self.on_live(plugin, &prepared, watch, Said::of).await;
        said.map_err(silent)?.check(&prepared)
    }

    async fn ask(&self, prepared: &Prepared, file: &str) -> Result<Description, PrepareError> {
        self.alone(prepared, file, Said::of).await?.check(prepared)
    }

    /// Runs something on a fresh instance that was granted nothing.
    async fn alone<T>(
        &self,
        prepared: &Prepared,
        name: &str,
        ask: impl AsyncFnOnce(&mut Instance) -> Result<T, RunError>,
    ) -> Result<T, PrepareError> {
        let _slot = self.asked.acquire().await;
        let _running = self.ticker.run();
        let account = Account::new(&LIMITS);
        let state = State::new(name, account.clone(), self.sink.clone());
        let watch = Watch {
            account: &account,
            cancel: &CancellationToken::new(),
            client: None,
            place: Some(Place::before(self.gate.clone(), Habit::default())),
        };
        guard(watch, async {
            let mut instance = Instance::start(self, prepared, state).await?;
            ask(&mut instance).await
        })
        .await
        .map_err(|source| PrepareError::Silent { source })
    }
}

/// What a component said, unchecked.
struct Said {
    info: exports::plugin::PluginInfo,
    tools: Result<Vec<ToolInfo>, String>,
    offered: Result<Option<Offered>, String>,
}

impl Said {
    async fn of(instance: &mut Instance) -> Result<Self, RunError> {
        Ok(Self {
            info: instance.metadata().await?,
            tools: instance.tools(MOST).await?,
            offered: instance.offered(MOST).await?,
        })
    }

    fn check(self, prepared: &Prepared) -> Result<Description, PrepareError> {
        let metadata = |what| PrepareError::Metadata { what };
        let info = convert::plugin_info_from_wit(self.info).map_err(metadata)?;
        let exported = prepared.interface.kind();
        if info.kind != exported {
            return Err(PrepareError::KindDiffers {
                said: info.kind,
                exported,
            });
        }
        let tools = self.tools.map_err(metadata)?;
        let offered = self.offered.map_err(metadata)?;
        let offers_context = offered.is_some();
        let (templates, prompts) = offered.map_or_else(Default::default, |offered| {
            (offered.templates, offered.prompts)
        });
        check_twice("tools", tools.iter().map(|tool| tool.name.as_str())).map_err(metadata)?;
        check_twice("prompts", prompts.iter().map(|prompt| prompt.name.as_str()))
            .map_err(metadata)?;
        let addresses = templates
            .iter()
            .map(|template| template.uri_template.as_str());
        check_twice("templates", addresses).map_err(metadata)?;
        Ok(Description {
            info,
            tools,
            offers_context,
            templates,
            prompts,
        })
    }
}

fn check_twice<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    match names.array_windows().find(|[one, other]| one == other) {
        Some([twice, _]) => Err(format!("two {what} are named {twice}; rename one")),
        None => Ok(()),
    }
}
