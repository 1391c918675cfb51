//! `workflow show`.

use paracle_host::model::PlanName;
use paracle_host::orchestrate;

use super::graph;
use crate::context::Context;
use crate::exit::Failure;

/// Shows one workflow: what it is given, its steps in the order in which they can begin, and what it gives
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host workflow show bugfix")]
pub(crate) struct Show {
    /// Which workflow
    name: PlanName,
}

impl Show {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        graph::show(context, &orchestrate::plan(&host, self.name.as_str())?)
    }
}
