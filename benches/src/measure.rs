//! Measures asynchronous work on a runtime like the host's own.

use std::hint::black_box;
use std::time::Instant;

use criterion::Bencher;
use tokio::runtime::Runtime;

use crate::Failure;

/// Builds the runtime that the host's program runs on.
pub fn runtime() -> Result<Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(paracle_host::sandbox::worker_threads())
        .enable_all()
        .build()?)
}

/// Measures something again and again, on the runtime, one after the other.
///
/// # Panics
///
/// When the work fails: a bench of errors would be a fast one.
pub fn measure<S, T>(
    bencher: &mut Bencher<'_>,
    runtime: &Runtime,
    subject: &S,
    work: &impl AsyncFn(&S) -> Result<T, Failure>,
) {
    bencher.iter_custom(|rounds| {
        runtime.block_on(async {
            let start = Instant::now();
            for _ in 0..rounds {
                match work(subject).await {
                    Ok(done) => drop(black_box(done)),
                    Err(failure) => panic!("the measured work failed: {failure}"),
                }
            }
            start.elapsed()
        })
    });
}
