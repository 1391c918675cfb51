//! Standard input and output as the protocol's channel, on the fastest path that they allow, and closed to all others.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

/// Where requests come from.
pub(super) type Input = Box<dyn AsyncRead + Send + Unpin>;
/// Where answers go.
pub(super) type Output = Box<dyn AsyncWrite + Send + Unpin>;

/// Takes this process's standard input and output. Afterwards whatever else is printed goes to standard error, and whatever
/// else reads finds nothing.
///
/// Pipes and sockets are driven by the reactor: tokio's own handles hand each read and write to another thread, which takes
/// twice to five times as long. Node and Electron start servers with sockets, most others with pipes.
#[cfg(unix)]
pub(super) fn take() -> io::Result<(Input, Output)> {
    use unix::{input, output};

    // Both are opened before one is redirected: they may be the same socket.
    let (input, output) = (input()?, output()?);
    if input.is_some() {
        let null = rustix::fs::open(
            "/dev/null",
            rustix::fs::OFlags::RDONLY,
            rustix::fs::Mode::empty(),
        )?;
        rustix::stdio::dup2_stdin(null)?;
    }
    if output.is_some() {
        rustix::stdio::dup2_stdout(io::stderr())?;
    }
    Ok((
        input.unwrap_or_else(|| Box::new(tokio::io::stdin())),
        output.unwrap_or_else(|| Box::new(tokio::io::stdout())),
    ))
}

/// Takes this process's standard input and output.
#[cfg(not(unix))]
pub(super) fn take() -> io::Result<(Input, Output)> {
    Ok((Box::new(tokio::io::stdin()), Box::new(tokio::io::stdout())))
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::net::UnixStream as StdStream;

    use rustix::fs::{FileType, fstat};
    use tokio::net::UnixStream;

    use super::{Input, Output};

    /// Opens standard input a second time, for the reactor; none where it is a terminal or a file.
    pub(super) fn input() -> io::Result<Option<Input>> {
        let stdin = io::stdin();
        Ok(match kind(stdin.as_fd())? {
            #[cfg(target_os = "linux")]
            FileType::Fifo => pipe::reader(),
            FileType::Socket => Some(Box::new(socket(stdin.as_fd())?)),
            _ => None,
        })
    }

    /// Opens standard output a second time, for the reactor; none where it is a terminal or a file.
    pub(super) fn output() -> io::Result<Option<Output>> {
        let stdout = io::stdout();
        Ok(match kind(stdout.as_fd())? {
            #[cfg(target_os = "linux")]
            FileType::Fifo => pipe::writer(),
            FileType::Socket => Some(Box::new(socket(stdout.as_fd())?)),
            _ => None,
        })
    }

    fn kind(fd: BorrowedFd<'_>) -> io::Result<FileType> {
        Ok(FileType::from_raw_mode(fstat(fd)?.st_mode))
    }

    /// A socket cannot be opened again, only duplicated: the duplicate and the original share what `O_NONBLOCK` changes, which
    /// is harmless once the original is redirected.
    fn socket(fd: BorrowedFd<'_>) -> io::Result<UnixStream> {
        let stream = StdStream::from(fd.try_clone_to_owned()?);
        stream.set_nonblocking(true)?;
        UnixStream::from_std(stream)
    }

    /// A pipe is opened again by its name in `/proc`, so that it does not block and the original stays as it is. Where that is
    /// refused (no `/proc`, another user's pipe), the slow way remains.
    #[cfg(target_os = "linux")]
    mod pipe {
        use tokio::net::unix::pipe::OpenOptions;

        use super::super::{Input, Output};

        pub(super) fn reader() -> Option<Input> {
            let pipe = OpenOptions::new().open_receiver("/proc/self/fd/0").ok()?;
            Some(Box::new(pipe))
        }

        pub(super) fn writer() -> Option<Output> {
            let pipe = OpenOptions::new().open_sender("/proc/self/fd/1").ok()?;
            Some(Box::new(pipe))
        }
    }
}
