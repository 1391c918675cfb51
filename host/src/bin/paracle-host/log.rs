//! Standard error, written by a thread of its own: who does not read it must not stop the host, nor keep it from ending.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use paracle_host::observe::{redact, redact_bytes};

use crate::output;

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

/// What stands below all other lines of a terminal, and changes.
static STATUS: Mutex<String> = Mutex::new(String::new());

/// Begins the line anew, and empties it.
const ERASE: &[u8] = b"\r\x1b[2K";

/// The queue, and its end until a thread writes.
struct Lines {
    sender: SyncSender<Message>,
    receiver: Mutex<Option<Receiver<Message>>>,
}

enum Message {
    Line(Vec<u8>),
    /// The last line is another now.
    Status,
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
    // What stands in the last line, and is no line yet.
    let mut shown = String::new();
    while let Ok(message) = lines.recv() {
        // That nobody reads is no failure, here as below.
        match message {
            Message::Line(line) => {
                let dropped = DROPPED.swap(0, Ordering::Relaxed);
                let mut out = io::stderr().lock();
                if !shown.is_empty() {
                    out.write_all(ERASE).unwrap_or_default();
                }
                if dropped > 0 {
                    writeln!(out, " WARN {dropped} lines were dropped: nobody read them")
                        .unwrap_or_default();
                }
                out.write_all(&line).unwrap_or_default();
                out.write_all(shown.as_bytes()).unwrap_or_default();
            }
            Message::Status => {
                let now = STATUS
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                if now != shown {
                    let mut out = io::stderr().lock();
                    out.write_all(ERASE).unwrap_or_default();
                    out.write_all(now.as_bytes()).unwrap_or_default();
                    out.flush().unwrap_or_default();
                    shown = now;
                }
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
    send(Message::Line(format!("{}\n", redact(line)).into_bytes()));
}

/// Writes a question that the person answers in the same line.
pub(crate) fn prompt(words: &str) {
    send(Message::Line(redact(words).into_owned().into_bytes()));
}

/// Has a line stand below all others, in the place of the one before; none where it is empty. For terminals alone.
pub(crate) fn status(line: &str) {
    let line: String = redact(line).chars().take(status_width()).collect();
    *STATUS.lock().unwrap_or_else(PoisonError::into_inner) = line;
    // Who does not read misses this one: the next says more.
    LINES.sender.try_send(Message::Status).unwrap_or_default();
}

/// Returns how much of a line fits, so that it is one.
fn status_width() -> usize {
    let told = rustix::termios::tcgetwinsize(io::stderr()).map_or(0, |size| size.ws_col);
    usize::from(told.max(40)) - 1
}

/// Waits until all is written, as long as patience lasts.
pub(crate) fn flush() {
    start();
    let (done, written) = sync_channel(1);
    send(Message::Flush(done));
    // Too late is as good as never: the process ends.
    written.recv_timeout(PATIENCE).unwrap_or_default();
}

/// Where log lines go, one event a write. Whoever logs, and whatever: secrets are hidden here.
pub(crate) struct Log;

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // A plugin's words in it make no other line, and look like nothing else.
        let words = redact_bytes(line);
        let words = output::printable(&String::from_utf8_lossy(&words)).into_bytes();
        let line_told = Message::Line(words);
        if let Err(TrySendError::Full(_)) = LINES.sender.try_send(line_told) {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
