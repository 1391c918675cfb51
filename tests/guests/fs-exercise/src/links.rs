//! Symbolic links inside the tree.

use crate::steps::Steps;
use std::ffi::{CString, c_char, c_int};
use std::path::{Path, PathBuf};
use std::{fs, io};

unsafe extern "C" {
    /// wasi-libc's. What `std::os::wasi::fs` has for it is not stable.
    fn symlink(target: *const c_char, link: *const c_char) -> c_int;
}

/// Makes a link that says `target`.
pub(crate) fn link(target: &str, at: &Path) -> io::Result<()> {
    let target = CString::new(target)?;
    let at = CString::new(at.as_os_str().as_encoded_bytes())?;
    // SAFETY: both are ended by a zero byte and outlive the call.
    match unsafe { symlink(target.as_ptr(), at.as_ptr()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

pub(crate) fn run(s: &mut Steps) {
    s.must("make link", PathBuf::from("moved"), |s| {
        link("moved", &s.at("link"))?;
        fs::read_link(s.at("link"))
    });
    s.must("read through link", "first".to_owned(), |s| {
        fs::read_to_string(s.at("link"))
    });
    s.must("link is a link", (true, true), |s| {
        Ok((
            fs::symlink_metadata(s.at("link"))?.is_symlink(),
            fs::metadata(s.at("link"))?.is_file(),
        ))
    });
    s.must("write through link", "second".to_owned(), |s| {
        fs::write(s.at("link"), "second")?;
        fs::read_to_string(s.at("moved"))
    });
    s.must("link to folder", "5".to_owned(), |s| {
        link("many", &s.at("dir"))?;
        fs::read_to_string(s.at("dir/5"))
    });
    s.must("link with dots inside the tree", "5".to_owned(), |s| {
        link("../many/5", &s.at("many/up"))?;
        fs::read_to_string(s.at("many/up"))
    });
    s.must_fail("make link where something is", |s| link("x", &s.at("link")));
    s.must_fail("read link that is none", |s| fs::read_link(s.at("moved")));
    s.must("link to nothing", (true, false), |s| {
        link("nothing", &s.at("dangling"))?;
        Ok((
            fs::symlink_metadata(s.at("dangling"))?.is_symlink(),
            fs::exists(s.at("dangling"))?,
        ))
    });
    s.must_fail("links in a circle", |s| {
        link("circle-b", &s.at("circle-a"))?;
        link("circle-a", &s.at("circle-b"))?;
        fs::read(s.at("circle-a"))
    });
    s.must("remove link, not its target", (false, true), |s| {
        fs::remove_file(s.at("link"))?;
        Ok((fs::exists(s.at("link"))?, fs::exists(s.at("moved"))?))
    });
}
