//! What `std::fs` does not offer on this target, from wasi-libc.

use std::ffi::{CString, c_char, c_int, c_long, c_longlong};
use std::io;

/// wasi-libc's numbers.
pub(crate) const READ: c_int = 0x0400_0000;
pub(crate) const WRITE: c_int = 0x1000_0000;
pub(crate) const NO_FOLLOW: c_int = 0x0100_0000;
pub(crate) const CREATE: c_int = 1 << 12;
pub(crate) const DIRECTORY: c_int = 2 << 12;
pub(crate) const TRUNCATE: c_int = 8 << 12;
/// "The working directory": every path here is absolute.
const HERE: c_int = -2;
const DO_NOT_FOLLOW: c_int = 1;

#[repr(C)]
struct Time {
    seconds: c_longlong,
    nanoseconds: c_long,
}

unsafe extern "C" {
    #[link_name = "open"]
    fn libc_open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn close(file: c_int) -> c_int;
    #[link_name = "symlink"]
    fn libc_symlink(target: *const c_char, link: *const c_char) -> c_int;
    fn utimensat(dir: c_int, path: *const c_char, times: *const Time, flags: c_int) -> c_int;
}

fn answered(answer: c_int) -> io::Result<()> {
    match answer {
        0.. => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Opens a file in a way of its own, and closes it.
pub(crate) fn open(path: &str, flags: c_int) -> io::Result<()> {
    let path = CString::new(path)?;
    // SAFETY: the path is ended by a zero byte and outlives the call; the third argument is the mode that `CREATE` wants.
    let file = unsafe { libc_open(path.as_ptr(), flags, 0o666) };
    answered(file)?;
    // SAFETY: it was opened above, and nobody else has it.
    answered(unsafe { close(file) })
}

/// Makes a symbolic link that says `target`.
pub(crate) fn symlink(target: &str, link: &str) -> io::Result<()> {
    let (target, link) = (CString::new(target)?, CString::new(link)?);
    // SAFETY: both are ended by a zero byte and outlive the call.
    answered(unsafe { libc_symlink(target.as_ptr(), link.as_ptr()) })
}

/// Sets both times of what a path names, of a link itself if it is one.
pub(crate) fn set_times(path: &str, seconds: u64) -> io::Result<()> {
    let path = CString::new(path)?;
    let time = || Time {
        seconds: seconds.try_into().unwrap_or(c_longlong::MAX),
        nanoseconds: 0,
    };
    let times = [time(), time()];
    // SAFETY: the path is ended by a zero byte, there are two times, and both outlive the call.
    answered(unsafe { utimensat(HERE, path.as_ptr(), times.as_ptr(), DO_NOT_FOLLOW) })
}
