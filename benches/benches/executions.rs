//! A whole execution, from its start to its discard, on small and large repositories, beside git's worktrees.

use std::cell::LazyCell;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use paracle_benches::{BenchHost, FLOOR, Failure, GeneratedRepository, OURS, measure, runtime};
use paracle_host::model::ExecutionId;
use serde_json::json;
use tokio::runtime::Runtime;

const CONTENT: &str = "what an assistant wrote\n";
const WRITTEN: &str = "src/notes.md";

/// What one size of repository is measured with.
struct Subject {
    runtime: Runtime,
    repository: GeneratedRepository,
    host: BenchHost,
    /// The file that is read.
    read: String,
}

impl Subject {
    fn of(files: usize) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let repository = GeneratedRepository::of(files)?;
        let host = runtime.block_on(BenchHost::open(&repository))?;
        Ok(Self {
            runtime,
            host,
            read: GeneratedRepository::some_file(files),
            repository,
        })
    }

    async fn through_host(&self) -> Result<(), Failure> {
        let execution = ExecutionId::generate();
        self.host
            .call("files__read", json!({ "path": self.read }), &execution)
            .await?;
        let file = json!({ "path": WRITTEN, "content": CONTENT });
        self.host.call("files__write", file, &execution).await?;
        self.host.discard(&execution).await
    }

    fn through_git(&self) -> Result<(), Failure> {
        self.repository.worktree(&self.read, WRITTEN, CONTENT)
    }
}

fn executions(criterion: &mut Criterion) {
    for (name, files) in [("execution-1k", 1_000), ("execution-100k", 100_000)] {
        // Made when a filter lets it be measured: the large one takes a while.
        let subject = LazyCell::new(|| {
            Subject::of(files).unwrap_or_else(|failure| panic!("no repository: {failure}"))
        });
        let mut group = criterion.benchmark_group(name);
        // Git needs seconds on the large one: as few samples as criterion takes, each of the same few rounds.
        group.sample_size(10).sampling_mode(SamplingMode::Flat);
        group
            .warm_up_time(Duration::from_millis(1))
            .measurement_time(Duration::from_secs(1));
        group.bench_function(OURS, |bencher| {
            measure(bencher, &subject.runtime, &*subject, &Subject::through_host);
        });
        group.bench_function(FLOOR, |bencher| {
            measure(
                bencher,
                &subject.runtime,
                &*subject,
                &async |subject: &Subject| subject.through_git(),
            );
        });
        group.finish();
    }
}

criterion_group!(benches, executions);
criterion_main!(benches);
