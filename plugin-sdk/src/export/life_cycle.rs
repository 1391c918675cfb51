//! `plugin`: metadata, configuration, health.

use super::slot::{Guest, Hosted, NOT_STARTED, with};
use crate::bindings::life_cycle::exports::paracle::plugin::plugin as exported;
use crate::plugin::{
    ConfigProblem, Dependency, Health, HealthReport, InitError, Plugin, PluginInfo, config_schema,
    read_config,
};

impl<H: Hosted> exported::Guest for Guest<H> {
    fn metadata() -> PluginInfo {
        info::<H>()
    }

    fn validate_config(config: String) -> Result<(), Vec<ConfigProblem>> {
        <H::Plugin as Plugin>::validate_config(&read_config(&config)?)
    }

    fn initialize(config: String) -> Result<(), InitError> {
        let config = read_config(&config).map_err(InitError::InvalidConfig)?;
        let plugin = H::Plugin::new(config)?;
        H::slot().set(Some(plugin));
        Ok(())
    }

    fn health() -> HealthReport {
        let health = with::<H, _>(|plugin| plugin.health())
            .unwrap_or_else(|| Health::unhealthy(NOT_STARTED));
        let info = info::<H>();
        HealthReport {
            plugin: info.name,
            version: info.version,
            status: health.status,
            capabilities: info.capabilities,
            detail: health.detail,
        }
    }

    fn shutdown() -> Result<(), String> {
        H::slot()
            .take()
            .map_or(Ok(()), |mut plugin| plugin.shutdown())
    }
}

/// Joins what `Cargo.toml` and the plugin's type say.
fn info<H: Hosted>() -> PluginInfo {
    let package = H::PACKAGE;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut info = PluginInfo {
        name: package.name.to_owned(),
        version: package.version.to_owned(),
        description: package.description.to_owned(),
        author: package.authors.replace(':', ", "),
        homepage: some(package.homepage),
        license: some(package.license).unwrap_or_else(|| "MIT".to_owned()),
        kind: H::KIND,
        capabilities: H::Plugin::CAPABILITIES.to_vec(),
        dependencies: H::Plugin::DEPENDENCIES
            .iter()
            .map(|(name, version)| Dependency {
                name: (*name).to_owned(),
                version: (*version).to_owned(),
            })
            .collect(),
        paracle_version: H::Plugin::PARACLE_VERSION.to_owned(),
        config_schema: config_schema::<<H::Plugin as Plugin>::Config>(),
        tags: H::Plugin::TAGS
            .iter()
            .map(|tag| (*tag).to_owned())
            .collect(),
        stateful: H::Plugin::STATEFUL,
    };
    H::Plugin::describe(&mut info);
    info
}
