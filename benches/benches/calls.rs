//! One call: of a fresh instance, and of one that lives on, each beside bare wasmtime.

use criterion::{Criterion, criterion_group, criterion_main};
use paracle_benches::{
    Bare, BenchHost, FLOOR, Failure, GeneratedRepository, OURS, measure, runtime,
};
use paracle_host::model::ExecutionId;
use paracle_sample_artifacts::{HELLO, fixtures};
use serde_json::json;
use tokio::sync::Mutex;

const ARGUMENTS: &str = r#"{"name":"world"}"#;

/// A call is small beside what a shared machine does meanwhile: many samples, so that the median is steady.
const SAMPLES: usize = 100;

fn calls(criterion: &mut Criterion) {
    if let Err(failure) = try_calls(criterion) {
        panic!("the calls cannot be measured: {failure}");
    }
}

fn try_calls(criterion: &mut Criterion) -> Result<(), Failure> {
    let runtime = runtime()?;
    let repository = GeneratedRepository::of(1)?;
    let host = runtime.block_on(BenchHost::open(&repository))?;
    let execution = ExecutionId::generate();
    let greet = async |host: &BenchHost, tool| {
        host.call(tool, json!({ "name": "world" }), &execution)
            .await
    };

    let mut group = criterion.benchmark_group("fresh-instance");
    group.sample_size(SAMPLES);
    let bare = Bare::new(HELLO)?;
    group.bench_function(OURS, |bencher| {
        measure(bencher, &runtime, &host, &async |host| {
            greet(host, "hello__greet").await
        });
    });
    group.bench_function(FLOOR, |bencher| {
        measure(bencher, &runtime, &bare, &async |bare| {
            bare.start().await?.execute("greet", ARGUMENTS).await
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("live-instance");
    group.sample_size(SAMPLES);
    let live = Mutex::new(runtime.block_on(Bare::new(fixtures::KEEP)?.start())?);
    group.bench_function(OURS, |bencher| {
        measure(bencher, &runtime, &host, &async |host| {
            greet(host, "keep__greet").await
        });
    });
    group.bench_function(FLOOR, |bencher| {
        measure(bencher, &runtime, &live, &async |live| {
            live.lock().await.execute("greet", ARGUMENTS).await
        });
    });
    group.finish();
    Ok(())
}

criterion_group!(benches, calls);
criterion_main!(benches);
