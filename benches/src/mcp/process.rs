//! A server's process, and the wires to it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;

/// How long a server may take to end once its input did; it completes its execution then.
const LAST: Duration = Duration::from_secs(20);

/// What a client has given a server for its standard input and output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wires {
    /// Pipes, as Python and Rust give.
    Pipes,
    /// Socket pairs, as Node gives.
    Sockets,
}

/// What a process holds in memory.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Bytes that are in memory now.
    pub resident: u64,
    /// The most that were.
    pub peak: u64,
}

/// A server that was started; dropped, it is gone.
pub struct Server {
    child: Child,
    started: Instant,
    input: Option<Box<dyn Write + Send>>,
    output: BufReader<Box<dyn Read + Send>>,
}

impl Server {
    /// Starts one, with nothing but what it needs of this process's environment.
    pub fn start(mut command: Command, wires: Wires) -> Result<Self, Failure> {
        command.stderr(Stdio::null());
        let ours = match wires {
            Wires::Pipes => {
                command.stdin(Stdio::piped()).stdout(Stdio::piped());
                None
            }
            Wires::Sockets => {
                let (input, theirs) = UnixStream::pair()?;
                command.stdin(OwnedFd::from(theirs));
                let (output, theirs) = UnixStream::pair()?;
                command.stdout(OwnedFd::from(theirs));
                Some((input, output))
            }
        };
        let started = Instant::now();
        let mut child = command.spawn()?;
        let (input, output): (Box<dyn Write + Send>, Box<dyn Read + Send>) = match ours {
            Some((input, output)) => (Box::new(input), Box::new(output)),
            None => match (child.stdin.take(), child.stdout.take()) {
                (Some(input), Some(output)) => (Box::new(input), Box::new(output)),
                _ => return Err("the server came without pipes".into()),
            },
        };
        Ok(Self {
            child,
            started,
            input: Some(input),
            output: BufReader::with_capacity(1 << 16, output),
        })
    }

    /// Returns since when it runs.
    pub const fn started(&self) -> Instant {
        self.started
    }

    /// Sends a line.
    pub fn send(&mut self, line: &[u8]) -> Result<(), Failure> {
        let input = self.input.as_mut().ok_or("the server was told to end")?;
        Ok(input.write_all(line)?)
    }

    /// Waits for a line.
    pub fn receive(&mut self, line: &mut Vec<u8>) -> Result<(), Failure> {
        line.clear();
        if self.output.read_until(b'\n', line)? == 0 {
            return Err("the server closed its output".into());
        }
        Ok(())
    }

    /// Lends both ends, to be used by two threads.
    pub fn ends(&mut self) -> Result<(&mut (dyn Write + Send), &mut (dyn Read + Send)), Failure> {
        let input = self.input.as_mut().ok_or("the server was told to end")?;
        Ok((input, &mut self.output))
    }

    /// Returns what the process holds in memory.
    pub fn memory(&self) -> Result<Memory, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
            kib.map(|kib| kib << 10)
                .ok_or_else(|| format!("the system does not say {name} of a process"))
        };
        Ok(Memory {
            resident: field("VmRSS:")?,
            peak: field("VmHWM:")?,
        })
    }

    /// Returns how many files, sockets and pipes the process has open.
    pub fn handles(&self) -> Result<usize, Failure> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }

    /// Ends its input and waits until it is done.
    pub fn end(mut self) -> Result<(), Failure> {
        drop(self.input.take());
        let asked = Instant::now();
        while asked.elapsed() < LAST {
            if let Some(status) = self.child.try_wait()? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(format!("the server ended with {status}").into())
                };
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err("the server did not end with its input".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that ended is gone already.
        if self.child.kill().is_ok() {
            self.child.wait().map(drop).unwrap_or_default();
        }
    }
}
