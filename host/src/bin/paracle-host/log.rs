//! Standard error, written by a thread of its own: who does not read it must not stop the host, nor keep it from ending.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lines that wait for a slow reader; more are dropped, and counted.
const QUEUE: usize = 1024;

/// How long a line that must not be dropped, and the end of the process, wait for a reader.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(2);

static LINES: LazyLock<Lines> = LazyLock::new(|| {
    let (sender, receiver) = sync_channel(QUEUE);
    Lines {
        sender,
        receiver: Mutex::new(Some(receiver)),
    }
});
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// The queue, and its end until a thread writes.
struct Lines {
    sender: SyncSender<Message>,
    receiver: Mutex<Option<Receiver<Message>>>,
}

enum Message {
    Line(Vec<u8>),
    /// Answered once all before it is written.
    Flush(SyncSender<()>),
}

/// Starts to write. Lines from before wait for it, because it starts a thread, and the second wall has to come first.
pub(crate) fn start() {
    let receiver = LINES
        .receiver
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(receiver) = receiver {
        std::thread::spawn(move || write(&receiver));
    }
}

fn write(lines: &Receiver<Message>) {
    while let Ok(message) = lines.recv() {
        // That nobody reads is no failure, here as below.
        match message {
            Message::Line(line) => {
                let dropped = DROPPED.swap(0, Ordering::Relaxed);
                let mut out = io::stderr().lock();
                if dropped > 0 {
                    writeln!(out, " WARN {dropped} lines were dropped: nobody read them")
                        .unwrap_or_default();
                }
                out.write_all(&line).unwrap_or_default();
            }
            Message::Flush(done) => done.try_send(()).unwrap_or_default(),
        }
    }
}

/// Sends a message, waiting for a reader as long as patience lasts.
fn send(mut message: Message) {
    let since = Instant::now();
    loop {
        match LINES.sender.try_send(message) {
            Err(TrySendError::Full(again)) if since.elapsed() < PATIENCE => {
                start();
                message = again;
            }
            Ok(()) | Err(_) => return,
        }
        std::thread::sleep(PAUSE);
    }
}

/// Writes a line for the person.
pub(crate) fn tell(line: &str) {
    send(Message::Line(format!("{line}\n").into_bytes()));
}

/// Waits until all is written, as long as patience lasts.
pub(crate) fn flush() {
    start();
    let (done, written) = sync_channel(1);
    send(Message::Flush(done));
    // Too late is as good as never: the process ends.
    written.recv_timeout(PATIENCE).unwrap_or_default();
}

/// Where log lines go, one event a write.
pub(crate) struct Log;

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Err(TrySendError::Full(_)) = LINES.sender.try_send(Message::Line(line.to_vec())) {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
