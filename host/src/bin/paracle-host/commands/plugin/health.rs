//! `plugin health`.

use paracle_host::flow::Host;
use paracle_host::model::Status;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Asks every plugin how it feels; one that does not answer, or could not be loaded, is unhealthy
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Ends with 1 if a plugin is unhealthy.\n\nExample:\n  paracle-host plugin health --json"
)]
pub(crate) struct Health {}

/// One plugin's health.
#[derive(Debug, Serialize)]
struct Line {
    plugin: String,
    version: Option<semver::Version>,
    status: Status,
    capabilities: Vec<paracle_host::model::Capability>,
    detail: Option<String>,
}

impl Health {
    pub(super) async fn run(context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let lines = ask(&host).await;
        host.close().await;
        let unhealthy: Vec<&str> = lines
            .iter()
            .filter(|line| line.status == Status::Unhealthy)
            .map(|line| line.plugin.as_str())
            .collect();
        if context.json {
            output::json(&lines)?;
        } else {
            let rows = lines.iter().map(|line| {
                let status = match line.status {
                    Status::Healthy => "healthy",
                    Status::Degraded => "degraded",
                    Status::Unhealthy => "unhealthy",
                };
                let version = line
                    .version
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                [
                    line.plugin.clone(),
                    version,
                    status.to_owned(),
                    line.detail.clone().unwrap_or_default(),
                ]
            });
            output::text(&output::table(
                ["NAME", "VERSION", "STATUS", "DETAIL"],
                rows,
            ))?;
        }
        if unhealthy.is_empty() {
            return Ok(());
        }
        Err(Failure::failed(format!("unhealthy: {}", unhealthy.join(", "))).told())
    }
}

async fn ask(host: &Host) -> Vec<Line> {
    let mut lines = Vec::new();
    for plugin in host.registry().plugins() {
        let unhealthy = |detail| Line {
            plugin: plugin.info.name.to_string(),
            version: Some(plugin.info.version.clone()),
            status: Status::Unhealthy,
            capabilities: Vec::new(),
            detail: Some(detail),
        };
        lines.push(match host.health(plugin).await {
            Ok(health) => Line {
                plugin: health.plugin.to_string(),
                version: Some(health.version),
                status: health.status,
                capabilities: health.capabilities,
                detail: health.detail,
            },
            Err(error) => unhealthy(error.to_string()),
        });
    }
    for failure in host.failures() {
        let file = failure
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        lines.push(Line {
            plugin: failure.plugin.map_or(file, |name| name.to_string()),
            version: None,
            status: Status::Unhealthy,
            capabilities: Vec::new(),
            detail: Some(format!(
                "not loaded: {} {}",
                failure.path.display(),
                failure.error
            )),
        });
    }
    lines
}
