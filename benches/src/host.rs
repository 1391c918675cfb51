//! The host, opened in this process on a repository.

use std::sync::Arc;

use paracle_host::config::{Environment, Settings};
use paracle_host::flow::{FailureKind, Host, Sample, init};
use paracle_host::model::{Call, Caller, ExecutionId, Output, Reply, Verb};
use serde_json::Value;
use std::time::Instant;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

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
    Sample {
        name: "spin",
        bytes: paracle_sample_artifacts::fixtures::SPIN,
        grants: "",
    },
    Sample {
        name: "hungry",
        bytes: paracle_sample_artifacts::fixtures::HUNGRY,
        grants: "",
    },
    Sample {
        name: "hostile",
        bytes: paracle_sample_artifacts::fixtures::HOSTILE,
        grants: "workspace: read-write",
    },
];

/// What the benches say of the plugins: as they are installed, but that as many calls of one spin as run at once.
const CONFIGURATION: &str = "\
plugins:
  - { name: files, grants: { workspace: read-write } }
  - { name: hostile, grants: { workspace: read-write } }
  - { name: spin, limits: { calls: 64, time_ms: 86400000, cpu_ms: 86400000 } }
";

/// A host and what it needs on disk, which goes with it.
#[derive(Clone)]
pub struct BenchHost {
    host: Arc<Host>,
    /// Its compiled plugins: none are taken from the user's own cache, nor left there.
    _cache: Arc<TempDir>,
}

impl BenchHost {
    /// Opens the host on a repository, after writing the plugins into it.
    pub async fn open(repository: &GeneratedRepository) -> Result<Self, Failure> {
        init(repository.folder(), PLUGINS)?;
        let configuration = repository.folder().join(".parac/config/plugins.yaml");
        std::fs::write(configuration, CONFIGURATION)?;
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
            _cache: Arc::new(cache),
        })
    }

    pub(crate) const fn host(&self) -> &Arc<Host> {
        &self.host
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
        let call = Call::new(verb, execution.clone(), Caller::assistant());
        match self.host.call(call).await?.reply {
            Reply::Tool(reply) => Ok(reply?),
            _ => Err(format!("{tool} is not a tool").into()),
        }
    }

    /// Calls a tool until it is cancelled, and returns when it was answered.
    pub async fn call_until(
        &self,
        tool: &str,
        cancel: CancellationToken,
    ) -> Result<Instant, Failure> {
        let verb = Verb::Tool {
            path: tool.parse()?,
            arguments: Value::Object(serde_json::Map::new()),
        };
        let mut call = Call::new(verb, ExecutionId::generate(), Caller::assistant());
        call.cancel = cancel;
        match self.host.call(call).await {
            Err(error) if error.kind() == FailureKind::Cancelled => Ok(Instant::now()),
            Err(error) => Err(error.into()),
            Ok(_) => Err(format!("{tool} came to an end").into()),
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
