//! Percentiles of latencies, for what is promised of the slow ones; criterion knows medians.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Latencies of one thing.
#[derive(Debug, Default)]
pub struct Tail(Vec<Duration>);

impl Tail {
    /// Adds one.
    pub fn add(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// Measures how late a thread wakes that slept for a millisecond: what the machine does to every time beside it.
    pub fn of_the_machine(rounds: usize) -> Self {
        const SLEEP: Duration = Duration::from_millis(1);
        let mut tail = Self::default();
        for _ in 0..rounds {
            let started = Instant::now();
            std::thread::sleep(SLEEP);
            tail.add(started.elapsed().saturating_sub(SLEEP));
        }
        tail
    }

    /// Adds all of another.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns the latency that so many of a hundred are not over.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted.get(at).copied().unwrap_or_default()
    }
}

/// Tells whether the bench shall only be seen to work, as criterion's are with the same word.
pub fn is_smoke() -> bool {
    std::env::args().any(|word| word == "--test")
}

/// Tells whether a row is asked for: criterion's filter, a part of a name.
pub fn is_wanted(row: &str) -> bool {
    let mut filters = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .peekable();
    filters.peek().is_none() || filters.any(|word| row.contains(&word))
}

/// Returns how much memory of this process is resident, in KiB.
pub fn resident() -> Result<u64, crate::Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let size = line.and_then(|line| line.trim().split(' ').next());
    Ok(size
        .ok_or("the system does not tell what is resident")?
        .parse()?)
}

/// Threads of nobody's that keep every processor busy until they are dropped.
pub struct BusyThreads {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl BusyThreads {
    /// Starts one for each processor.
    pub fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let spin = || {
            let stop = stop.clone();
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        };
        let threads = (0..processors).map(|_| spin()).collect();
        Self { stop, threads }
    }
}

impl Drop for BusyThreads {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A thread that does nothing does not panic.
            thread.join().unwrap_or_default();
        }
    }
}
