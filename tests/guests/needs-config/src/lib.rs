//! A fixture that cannot start without a configuration, and shows the one it got.

use paracle_plugin_sdk::prelude::*;

/// The configuration.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Required.
    key: String,
    /// At most 10, which the schema does not say.
    #[serde(default)]
    level: u8,
}

struct NeedsConfig(Config);

impl Plugin for NeedsConfig {
    type Config = Config;

    fn new(config: Config) -> Result<Self, InitError> {
        if config.key == "unlucky" {
            return Err(InitError::failed("the key is unlucky"));
        }
        Ok(Self(config))
    }

    fn validate_config(config: &Config) -> Result<(), Vec<ConfigProblem>> {
        if config.level > 10 {
            return Err(vec![ConfigProblem::new("/level", "must be at most 10")]);
        }
        Ok(())
    }
}

/// Shows the configuration.
#[derive(Deserialize, JsonSchema)]
struct Show {}

impl Tool<NeedsConfig> for Show {
    const NAME: &str = "show";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = Json<Config>;

    fn call(self, cx: &mut Context<'_, NeedsConfig>) -> Result<Json<Config>, ToolError> {
        Ok(Json::new(cx.plugin().0.clone()))
    }
}

paracle_plugin_sdk::export!(tools: [Show], plugin: NeedsConfig);
