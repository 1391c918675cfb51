//! The host, opened in this process on a repository.

use std::sync::Arc;

use paracle_host::config::{Environment, Settings};
use paracle_host::flow::{Host, Sample, init};
use paracle_host::model::{Call, Caller, ExecutionId, Output, Reply, Verb};
use serde_json::Value;
use tempfile::TempDir;

use crate::{Failure, GeneratedRepository};

/// The plugins that benches call, with the grants of each.
const PLUGINS: &[Sample] = &[
    Sample {
        name: "hello",
        bytes: paracle_sample_artifacts::HELLO,
        grants: "",
    },
    Sample {
        name: "files",
        bytes: paracle_sample_artifacts::FILES,
        grants: "workspace: read-write",
    },
    Sample {
        name: "keep",
        bytes: paracle_sample_artifacts::fixtures::KEEP,
        grants: "",
    },
];

/// A host and what it needs on disk, which goes with it.
pub struct BenchHost {
    host: Arc<Host>,
    /// Its compiled plugins: none are taken from the user's own cache, nor left there.
    _cache: TempDir,
}

impl BenchHost {
    /// Opens the host on a repository, after writing the plugins into it.
    pub async fn open(repository: &GeneratedRepository) -> Result<Self, Failure> {
        init(repository.folder(), PLUGINS)?;
        let cache = tempfile::tempdir()?;
        let environment = Environment {
            directory: repository.folder().to_owned(),
            cache: cache.path().to_owned(),
            own: cache.path().join("own"),
        };
        let host = Host::open(Settings::load(environment, None)?).await?;
        if let Some(failure) = host.failures().first() {
            return Err(format!("{}: {}", failure.path.display(), failure.error).into());
        }
        Ok(Self {
            host,
            _cache: cache,
        })
    }

    /// Calls a tool the way an edge does, and returns what it answered.
    pub async fn call(
        &self,
        tool: &str,
        arguments: Value,
        execution: &ExecutionId,
    ) -> Result<Output, Failure> {
        let verb = Verb::Tool {
            path: tool.parse()?,
            arguments,
        };
        let call = Call::new(verb, execution.clone(), Caller::Assistant);
        match self.host.call(call).await?.reply {
            Reply::Tool(reply) => Ok(reply?),
            Reply::Chat(_) | Reply::Models(_) => Err(format!("{tool} is not a tool").into()),
        }
    }

    /// Ends an execution and throws its branch away.
    pub async fn discard(&self, execution: &ExecutionId) -> Result<(), Failure> {
        self.host
            .complete(execution, false, false)
            .await?
            .ok_or("the execution wrote nothing")?;
        self.host.executions()?.discard(execution)?;
        Ok(())
    }
}
