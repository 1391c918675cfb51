//! Random sequences of steps, and the directory that each begins with.

use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy as _, any};
use proptest::prop_oneof;
use proptest::sample::select;

use super::step::{NO_TIME, Opening, Planned, SLOTS, Step};

/// Makes what a sequence finds.
pub(super) fn fixture(dir: &Path) {
    for folder in ["a/b", "b", "d/a"] {
        fs::create_dir_all(dir.join(folder)).unwrap();
    }
    for (path, text) in [
        ("a/b/c", "abc"),
        ("a/d", "ad"),
        ("b/e", "be"),
        ("c", "cc"),
        ("d/a/e", "dae"),
        ("x", "#!/bin/sh\n"),
    ] {
        fs::write(dir.join(path), text).unwrap();
    }
    fs::set_permissions(dir.join("x"), fs::Permissions::from_mode(0o755)).unwrap();
    for (target, path) in [
        ("a", "l"),
        ("c", "m"),
        ("new", "n"),
        ("p", "o"),
        ("o", "p"),
        ("../c", "b/k"),
        ("..", "u"),
        ("/etc/passwd", "v"),
    ] {
        symlink(target, dir.join(path)).unwrap();
    }
    let odd = std::ffi::OsString::from_vec(b"w\xff".to_vec());
    fs::write(dir.join("a").join(odd), "odd").unwrap();
}

/// A sequence of steps.
pub(super) fn sequence() -> BoxedStrategy<Vec<Planned>> {
    // Most of what is asked of descriptors needs one: some are open from the beginning, as often as not.
    let begun = proptest::sample::subsequence(begin(), 0..=SLOTS - 1);
    (begun, vec(step(), 1..60))
        .prop_map(|(begun, steps)| {
            let steps = begun.into_iter().chain(steps);
            steps.map(|step| Planned { step, undo: false }).collect()
        })
        .boxed()
}

/// Opens a few files and directories.
fn begin() -> Vec<Step> {
    let open = |into, path: &str, how| Step::Open {
        dir: 0,
        path: path.to_owned(),
        how,
        into,
    };
    vec![
        open(1, "a", FOLDER),
        open(2, "c", FILE),
        open(3, "new", FILE),
        open(4, "d", FOLDER),
        open(5, "a/b/c", FILE),
    ]
}

/// How a directory is opened, and how a file is that may be made.
const FOLDER: Opening = Opening {
    follow: true,
    create: false,
    directory: true,
    exclusive: false,
    truncate: false,
    read: true,
    write: false,
    mutate: true,
    sync: false,
};
const FILE: Opening = Opening {
    create: true,
    directory: false,
    write: true,
    mutate: false,
    ..FOLDER
};

fn name() -> BoxedStrategy<String> {
    let plain = select(vec!["a", "b", "c", "d", "e", "new"]).prop_map(str::to_owned);
    let links = select(vec!["k", "l", "m", "n", "o", "u", "v", "x"]).prop_map(str::to_owned);
    let odd = select(vec![
        ".",
        "..",
        "",
        "é",
        ".git",
        ".GIT",
        "git~1",
        ".git.",
        ".parac",
        ".gitmodules",
        "\0",
    ])
    .prop_map(str::to_owned);
    let long = Just("n".repeat(256));
    prop_oneof![60 => plain, 15 => links, 4 => odd, 1 => long].boxed()
}

fn path() -> BoxedStrategy<String> {
    let known = select(vec![
        "a", "a/b", "a/d", "a/b/c", "b/e", "c", "d", "d/a", "d/a/e", "l/d", "x",
    ]);
    let some = prop_oneof![5 => name().prop_map(|name| vec![name]), 3 => vec(name(), 2..4)];
    let some = some.prop_map(|parts| parts.join("/"));
    let parts = prop_oneof![1 => known.prop_map(str::to_owned), 2 => some];
    let ending = prop_oneof![20 => Just(""), 2 => Just("/"), 1 => Just("/."), 1 => Just("/..")];
    let start = prop_oneof![60 => Just(""), 1 => Just("/"), 1 => Just("./"), 1 => Just("a/../")];
    (start, parts, ending)
        .prop_map(|(start, path, end)| format!("{start}{path}{end}"))
        .boxed()
}

fn target() -> BoxedStrategy<String> {
    let inside = select(vec![
        "a", "b/c", "d", "./e", "c/d/e", "l", "a/", "../a", "../../c",
    ]);
    let outside = select(vec![
        "..",
        "/etc",
        "a/../..",
        "../../../x",
        ".git/config",
        "",
        "a\0b",
    ]);
    prop_oneof![4 => inside, 1 => outside]
        .prop_map(str::to_owned)
        .boxed()
}

fn slot() -> BoxedStrategy<usize> {
    (0..SLOTS).boxed()
}

fn directory() -> BoxedStrategy<usize> {
    prop_oneof![3 => Just(0), 1 => slot()].boxed()
}

fn text() -> BoxedStrategy<String> {
    "[a-z]{0,9}".boxed()
}

fn offset() -> BoxedStrategy<u64> {
    prop_oneof![
        30 => 0..12_u64,
        1 => Just(u64::MAX),
        1 => Just(u64::MAX / 2 + 1),
    ]
    .boxed()
}

fn time() -> BoxedStrategy<u8> {
    prop_oneof![2 => Just(0), 2 => Just(1), 5 => 2..200_u8, 1 => Just(NO_TIME)].boxed()
}

fn opening() -> BoxedStrategy<Opening> {
    let rarely = || proptest::bool::weighted(0.15);
    let often = || proptest::bool::weighted(0.7);
    (
        (often(), any::<bool>(), rarely(), rarely(), rarely()),
        (
            often(),
            any::<bool>(),
            rarely(),
            proptest::bool::weighted(0.02),
        ),
    )
        .prop_map(|((follow, create, directory, exclusive, truncate), rest)| {
            let (read, write, mutate, sync) = rest;
            Opening {
                follow,
                create,
                directory,
                exclusive,
                truncate,
                read,
                write,
                mutate,
                sync,
            }
        })
        .boxed()
}

fn open() -> BoxedStrategy<Step> {
    let how = prop_oneof![2 => Just(FOLDER), 4 => Just(FILE), 3 => opening()];
    (directory(), path(), how, 1..SLOTS)
        .prop_map(|(dir, path, how, into)| Step::Open {
            dir,
            path,
            how,
            into,
        })
        .boxed()
}

fn step() -> BoxedStrategy<Step> {
    prop_oneof![5 => open(), 6 => of_data(), 4 => of_handles(), 9 => of_names()].boxed()
}

/// What is done with what files hold.
fn of_data() -> BoxedStrategy<Step> {
    prop_oneof![
        2 => (slot(), 0..9_u64, offset())
            .prop_map(|(file, length, offset)| Step::Read { file, length, offset }),
        3 => (slot(), text(), offset())
            .prop_map(|(file, text, offset)| Step::Write { file, text, offset }),
        2 => (slot(), offset(), 1..9_u64)
            .prop_map(|(file, offset, chunk)| Step::ReadStream { file, offset, chunk }),
        2 => (slot(), offset(), vec(text(), 0..5))
            .prop_map(|(file, offset, texts)| Step::WriteStream { file, offset, texts }),
        2 => (slot(), vec(text(), 0..5)).prop_map(|(file, texts)| Step::AppendStream { file, texts }),
        1 => (slot(), 0..4_u64, slot(), 0..9_u64)
            .prop_map(|(from, offset, to, length)| Step::Splice { from, offset, to, length }),
        1 => (slot(), offset()).prop_map(|(file, size)| Step::SetSize { file, size }),
        1 => (slot(), offset(), offset(), any::<u8>())
            .prop_map(|(file, offset, length, advice)| Step::Advise { file, offset, length, advice }),
    ]
    .boxed()
}

/// What is asked of descriptors.
fn of_handles() -> BoxedStrategy<Step> {
    prop_oneof![
        1 => (1..SLOTS).prop_map(Step::Close),
        1 => slot().prop_map(Step::Sync),
        1 => slot().prop_map(Step::SyncData),
        1 => slot().prop_map(Step::Flags),
        1 => slot().prop_map(Step::Type),
        2 => slot().prop_map(Step::Stat),
        1 => (slot(), time(), time())
            .prop_map(|(file, accessed, modified)| Step::SetTimes { file, accessed, modified }),
        3 => slot().prop_map(Step::List),
        1 => (slot(), slot()).prop_map(|(one, other)| Step::Same { one, other }),
        1 => (slot(), directory(), path(), any::<bool>())
            .prop_map(|(one, dir, path, follow)| Step::SameHash { one, dir, path, follow }),
    ]
    .boxed()
}

/// What is done to names.
fn of_names() -> BoxedStrategy<Step> {
    let at = || (directory(), path());
    prop_oneof![
        2 => (at(), any::<bool>())
            .prop_map(|((dir, path), follow)| Step::StatAt { dir, path, follow }),
        1 => (at(), any::<bool>(), time(), time()).prop_map(|((dir, path), follow, accessed, modified)| {
            Step::SetTimesAt { dir, path, follow, accessed, modified }
        }),
        2 => at().prop_map(|(dir, path)| Step::MakeDir { dir, path }),
        2 => at().prop_map(|(dir, path)| Step::RemoveDir { dir, path }),
        2 => at().prop_map(|(dir, path)| Step::Unlink { dir, path }),
        2 => (target(), at()).prop_map(|(target, (dir, path))| Step::Symlink { target, dir, path }),
        1 => at().prop_map(|(dir, path)| Step::ReadLink { dir, path }),
        1 => (at(), any::<bool>(), at())
            .prop_map(|((from, old), follow, (to, new))| Step::Link { from, follow, old, to, new }),
        3 => (at(), at()).prop_map(|((from, old), (to, new))| Step::Rename { from, old, to, new }),
    ]
    .boxed()
}
