//! Shows a silent long stage and its seconds: one redrawn line on a terminal, a line now and then in a log.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a log hears of a stage that goes on: seldom enough to read, often enough that no watchdog gives up.
const LOG_EVERY: Duration = Duration::from_secs(15);

/// A row of stages; the last one ends when this is dropped.
#[derive(Default)]
pub(crate) struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Ends the stage before and starts one.
    pub(crate) fn stage(&mut self, name: &str) {
        self.end();
        let (stop, stopped) = mpsc::channel::<()>();
        let name = name.to_owned();
        let terminal = std::io::stderr().is_terminal();
        if !terminal {
            eprintln!("  {name} …");
        }
        let every = if terminal {
            Duration::from_secs(1)
        } else {
            LOG_EVERY
        };
        let thread = std::thread::spawn(move || {
            let start = Instant::now();
            loop {
                if terminal {
                    eprint!("\r  {name} … {} s ", start.elapsed().as_secs());
                    // A terminal that is gone is no reason to stop the work.
                    drop(std::io::stderr().flush());
                }
                match stopped.recv_timeout(every) {
                    Err(RecvTimeoutError::Timeout) => {
                        if !terminal {
                            eprintln!("  {name} … {} s", start.elapsed().as_secs());
                        }
                    }
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            let before = if terminal { "\r" } else { "" };
            eprintln!(
                "{before}  {name}: {:.1} s    ",
                start.elapsed().as_secs_f64()
            );
        });
        self.running = Some((stop, thread));
    }

    fn end(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            // The thread only prints; if it could not, there is nothing left to show.
            drop(thread.join());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}
