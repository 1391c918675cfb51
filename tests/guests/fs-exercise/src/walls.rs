//! What the workspace must refuse.

use crate::links::link;
use crate::steps::Steps;
use std::fs;
use std::path::Path;

pub(crate) fn run(s: &mut Steps, root: &Path) {
    s.must_fail("read above the workspace", |_| {
        fs::read(root.join("../etc/passwd"))
    });
    s.must_fail("read far above the workspace", |_| {
        fs::read(root.join("a/../../../../../../etc/passwd"))
    });
    s.must_fail("read an absolute path", |_| fs::read("/etc/passwd"));
    s.must_fail("list the root", |_| fs::read_dir("/").map(Iterator::count));
    s.must_fail("write above the workspace", |_| {
        fs::write(root.join("../escaped"), "x")
    });
    s.must_fail("rename out of the workspace", |s| {
        fs::rename(s.at("moved"), root.join("../escaped"))
    });
    s.must_fail("link to an absolute path", |s| {
        link("/etc/passwd", &s.at("absolute"))?;
        fs::read(s.at("absolute"))
    });
    s.must_fail("link above the workspace", |s| {
        link("../../etc/passwd", &s.at("above"))?;
        fs::read(s.at("above"))
    });
    s.must_fail("write through link above the workspace", |s| {
        link("../../escaped", &s.at("above-write"))?;
        fs::write(s.at("above-write"), "x")
    });
    s.must_fail("list .git", |_| {
        fs::read_dir(root.join(".git")).map(Iterator::count)
    });
    s.must_fail("read .git/HEAD", |_| fs::read(root.join(".git/HEAD")));
    s.must_fail("write into .git", |_| {
        fs::write(root.join(".git/hooks-x"), "x")
    });
    s.must_fail("make .git", |_| fs::create_dir(root.join(".git")));
    s.must_fail("make .git below", |s| fs::create_dir(s.at(".git")));
    s.must_fail("make .GIT", |s| fs::create_dir(s.at(".GIT")));
    s.must_fail("make git~1", |s| fs::create_dir(s.at("git~1")));
    s.must_fail("rename to .git", |s| {
        fs::rename(s.at("moved"), s.at(".git"))
    });
    s.must("no .git in the list", false, |_| {
        Ok(crate::folders::names(root)?
            .iter()
            .any(|name| name == ".git"))
    });
}
