//! Links that lead out, go in circles, or change under a path that is walked.

use wasip2::filesystem::types::{Descriptor, ErrorCode, PathFlags};

use crate::steps::{Steps, make, open};

/// Tries the links of a group; false if there is no such group.
pub(crate) fn run(s: &mut Steps, root: &Descriptor, group: &str) -> bool {
    let group: fn(&mut Steps, &Descriptor) = match group {
        "links" => out,
        "settings" => settings,
        "loops" => loops,
        "hard-links" => hard,
        "moved-links" => moved,
        "race" => raced,
        _ => return false,
    };
    s.must("make folders", folders(root, "a/b/c"));
    s.must("make a file", make(root, "f"));
    group(s, root);
    true
}

/// Links that lead out.
fn out(s: &mut Steps, root: &Descriptor) {
    for target in [
        "/etc/passwd",
        "/",
        "..",
        "../x",
        "a/../../x",
        ".git/config",
        "a/.GIT/x",
        "\0",
        "",
        "git~1",
    ] {
        s.must_fail(
            format!("link to {target:?}"),
            root.symlink_at(target, "out"),
        );
    }
    s.must_fail(
        "link to 64 KiB",
        root.symlink_at(&"t/".repeat(32 << 10), "long"),
    );
    s.must("a link to here", root.symlink_at(".", "here"));
    s.must_fail("up behind a link", root.symlink_at("here/../x", "out"));
    s.must("a link to above", root.symlink_at("..", "a/up"));
    s.must_fail("walk up and out", open(root, "a/up/../x"));
    s.must_fail("make through a link", make(root, "a/up/../x"));
}

/// Links from which git would read its settings.
fn settings(s: &mut Steps, root: &Descriptor) {
    for name in [
        ".gitmodules",
        ".GITMODULES",
        ".gitattributes",
        ".gitignore",
        "gitmod~1",
        ".mailmap",
        ".gitmodules.",
    ] {
        s.must_fail(format!("a link as {name}"), root.symlink_at("f", name));
        s.must("an honest link", root.symlink_at("f", "plain"));
        s.must_fail(
            format!("a link renamed to {name}"),
            root.rename_at("plain", root, name),
        );
        s.must("take it away", root.unlink_file_at("plain"));
    }
}

/// Links that never end.
fn loops(s: &mut Steps, root: &Descriptor) {
    s.must("a circle", root.symlink_at("two", "one"));
    s.must("a circle", root.symlink_at("one", "two"));
    s.must_fail("walk the circle", open(root, "one"));
    s.must_fail("walk the circle into a name", open(root, "one/x"));
    s.must_fail("make in the circle", make(root, "two/x"));
    s.must("a link to itself", root.symlink_at("self/self", "self"));
    s.must_fail("walk into itself", open(root, "self/self/self"));
    // Each step doubles the way: a walk that is not bounded takes years.
    for level in 0..60 {
        let next = level + 1;
        s.must(
            "a link that doubles",
            root.symlink_at(&format!("l{next}/l{next}"), &format!("l{level}")),
        );
    }
    s.must_fail("walk what doubles", open(root, "l0"));
}

/// Hard links, which a git tree does not have.
fn hard(s: &mut Steps, root: &Descriptor) {
    s.must("a link", root.symlink_at("f", "link"));
    for flags in [PathFlags::empty(), PathFlags::SYMLINK_FOLLOW] {
        for from in ["f", "link", "a", "../f", "/etc/passwd"] {
            s.must_fail(
                format!("hard link of {from}"),
                root.link_at(flags, from, root, "hard"),
            );
            s.must_fail(
                format!("hard link of {from} outside"),
                root.link_at(flags, from, root, "../hard"),
            );
        }
    }
}

/// A link that stays inside where it is made, and leads out where it is moved to.
fn moved(s: &mut Steps, root: &Descriptor) {
    s.must("a link two levels up", root.symlink_at("../../f", "a/b/l"));
    s.must_fail("moved to the top", root.rename_at("a/b/l", root, "l"));
    s.must("folders of links", folders(root, "m/n"));
    s.must("a link in them", root.symlink_at("../../f", "m/n/l"));
    s.must_fail(
        "its folder moved to the top",
        root.rename_at("m/n", root, "n"),
    );
}

/// A folder that is moved while it is open, and a name that is now a folder and now a link.
fn raced(s: &mut Steps, root: &Descriptor) {
    let Some(held) = s.must("open a folder", open(root, "a/b/c")) else {
        return;
    };
    s.must("move it up", root.rename_at("a/b/c", root, "c"));
    for path in ["..", "../..", "../../../x", "../../../../etc/passwd"] {
        s.must_fail(format!("{path} from where it was"), open(&held, path));
        s.must_fail(format!("make {path} from where it was"), make(&held, path));
    }
    s.must("a folder", folders(root, "p/q"));
    s.must("a link to above", root.symlink_at("..", "a/up"));
    s.must("a link", root.symlink_at("a/up", "link"));
    for round in 0..200 {
        let (here, away) = if round % 2 == 0 {
            ("p", "away")
        } else {
            ("away", "p")
        };
        s.must("swap", root.rename_at(here, root, away));
        s.must("swap", root.rename_at("link", root, here));
        s.must_fail(
            "out through what is swapped",
            open(root, &format!("{here}/../../etc/passwd")),
        );
        s.must("swap back", root.rename_at(here, root, "link"));
    }
}

fn folders(root: &Descriptor, path: &str) -> Result<(), ErrorCode> {
    let mut at = String::new();
    for part in path.split('/') {
        at = if at.is_empty() {
            part.into()
        } else {
            format!("{at}/{part}")
        };
        match root.create_directory_at(&at) {
            Ok(()) | Err(ErrorCode::Exist) => {}
            Err(code) => return Err(code),
        }
    }
    Ok(())
}
