//! Random operations on the tree and on a real directory: the same results, the same errors, the same tree.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, and start programs"
)]
#![cfg(unix)]

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::tests::open_with;
use super::{FsError, GitTree, Handle, NodeKind, OpenFlags};
use crate::git::scratch::{Random, Scratch};

/// Errors as one word, so that both sides can be compared.
fn word(error: &FsError) -> String {
    match error {
        FsError::Exist => "exist",
        FsError::NoEntry => "no-entry",
        FsError::IsDirectory => "is-directory",
        FsError::NotDirectory => "not-directory",
        FsError::NotEmpty => "not-empty",
        FsError::Invalid => "invalid",
        FsError::Loop => "loop",
        FsError::Busy => "busy",
        other => return format!("{other:?}"),
    }
    .to_owned()
}

fn io_word(error: &io::Error) -> String {
    // The numbers of Linux, which these tests run on.
    match error.raw_os_error() {
        Some(17) => "exist",
        Some(2) => "no-entry",
        Some(21) => "is-directory",
        Some(20) => "not-directory",
        Some(39) => "not-empty",
        Some(22) => "invalid",
        Some(40) => "loop",
        Some(16) => "busy",
        _ => return format!("{error:?}"),
    }
    .to_owned()
}

struct Both {
    tree: GitTree,
    root: Handle,
    dir: PathBuf,
}

type Said = Result<Vec<String>, String>;

impl Both {
    fn ours(&mut self, step: &Step) -> Said {
        let (tree, root) = (&mut self.tree, self.root);
        let done = |result: Result<(), FsError>| result.map(|()| Vec::new());
        match step {
            Step::Write {
                path,
                flags,
                offset,
                bytes,
            } => tree
                .open_at(root, path, true, *flags, true)
                .and_then(|file| {
                    let result = tree.write(file, *offset, bytes);
                    tree.close(file);
                    done(result)
                }),
            Step::SetSize { path, size } => tree
                .open_at(root, path, true, OpenFlags::default(), true)
                .and_then(|file| {
                    let result = tree.set_size(file, *size);
                    tree.close(file);
                    done(result)
                }),
            Step::Read { path } => tree
                .open_at(root, path, true, OpenFlags::default(), false)
                .and_then(|file| {
                    let result = if tree.kind(file)? == NodeKind::Directory {
                        Err(FsError::IsDirectory)
                    } else {
                        tree.read(file, 0, usize::MAX)
                    };
                    tree.close(file);
                    Ok(vec![format!("{:?}", result?)])
                }),
            Step::List { path } => {
                let directory = OpenFlags {
                    directory: true,
                    ..OpenFlags::default()
                };
                tree.open_at(root, path, true, directory, false)
                    .and_then(|dir| {
                        let result = tree.list(dir);
                        tree.close(dir);
                        Ok(result?
                            .into_iter()
                            .map(|entry| format!("{} {:?}", entry.name, entry.kind))
                            .collect())
                    })
            }
            Step::Stat { path, follow } => tree.stat_at(root, path, *follow).map(|stat| {
                let size = if stat.kind == NodeKind::Directory {
                    0
                } else {
                    stat.size
                };
                vec![format!("{:?} {size}", stat.kind)]
            }),
            Step::MakeDir { path } => done(tree.create_dir_at(root, path)),
            Step::RemoveDir { path } => done(tree.remove_dir_at(root, path)),
            Step::Unlink { path } => done(tree.unlink_at(root, path)),
            Step::Rename { from, to } => done(tree.rename_at(root, from, root, to)),
            Step::Symlink { target, path } => done(tree.symlink_at(target, root, path)),
            Step::ReadLink { path } => tree.readlink_at(root, path).map(|target| vec![target]),
        }
        .map_err(|error| word(&error))
    }

    fn real(&self, step: &Step) -> Said {
        let at = |path: &str| PathBuf::from(format!("{}/{path}", self.dir.display()));
        let kind = |kind: fs::FileType| {
            if kind.is_dir() {
                NodeKind::Directory
            } else if kind.is_symlink() {
                NodeKind::Symlink
            } else {
                NodeKind::File
            }
        };
        let none = |()| Vec::new();
        match step {
            Step::Write {
                path,
                flags,
                offset,
                bytes,
            } => fs::OpenOptions::new()
                .write(true)
                .create(flags.create)
                .truncate(flags.truncate)
                .create_new(flags.create && flags.exclusive)
                .open(at(path))
                .and_then(|mut file| {
                    file.seek(SeekFrom::Start(*offset))?;
                    file.write_all(bytes)
                })
                .map(none),
            Step::SetSize { path, size } => fs::OpenOptions::new()
                .write(true)
                .open(at(path))
                .and_then(|file| file.set_len(*size))
                .map(none),
            Step::Read { path } => fs::File::open(at(path)).and_then(|mut file| {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                Ok(vec![format!("{bytes:?}")])
            }),
            Step::List { path } => fs::read_dir(at(path)).map(|entries| {
                let mut names: Vec<_> = entries
                    .map(|entry| {
                        let entry = entry.unwrap();
                        format!(
                            "{} {:?}",
                            entry.file_name().to_str().unwrap(),
                            kind(entry.file_type().unwrap())
                        )
                    })
                    .filter(|name| !name.starts_with(".git "))
                    .collect();
                names.sort();
                names
            }),
            Step::Stat { path, follow } => {
                let stat = if *follow {
                    fs::metadata(at(path))
                } else {
                    fs::symlink_metadata(at(path))
                };
                stat.map(|stat| {
                    let size = if stat.is_dir() { 0 } else { stat.len() };
                    vec![format!("{:?} {size}", kind(stat.file_type()))]
                })
            }
            Step::MakeDir { path } => fs::create_dir(at(path)).map(none),
            Step::RemoveDir { path } => fs::remove_dir(at(path)).map(none),
            Step::Unlink { path } => fs::remove_file(at(path)).map(none),
            Step::Rename { from, to } => fs::rename(at(from), at(to)).map(none),
            Step::Symlink { target, path } => symlink(target, at(path)).map(none),
            Step::ReadLink { path } => {
                fs::read_link(at(path)).map(|target| vec![target.to_str().unwrap().to_owned()])
            }
        }
        .map_err(|error| io_word(&error))
    }
}

#[derive(Debug)]
enum Step {
    Write {
        path: String,
        flags: OpenFlags,
        offset: u64,
        bytes: Vec<u8>,
    },
    SetSize {
        path: String,
        size: u64,
    },
    Read {
        path: String,
    },
    List {
        path: String,
    },
    Stat {
        path: String,
        follow: bool,
    },
    MakeDir {
        path: String,
    },
    RemoveDir {
        path: String,
    },
    Unlink {
        path: String,
    },
    Rename {
        from: String,
        to: String,
    },
    Symlink {
        target: String,
        path: String,
    },
    ReadLink {
        path: String,
    },
}

fn path(random: &mut Random) -> String {
    let mut path = (0..=random.below(3))
        .map(|_| *random.pick(&["a", "b", "c", "d", "e"]))
        .collect::<Vec<_>>()
        .join("/");
    match random.below(20) {
        0 => path.push('/'),
        1 => path = path.replacen('/', "/./", 1),
        2 => path = path.replacen('/', "//", 1),
        3 if path.contains('/') => path = path.replacen('/', "/../", 1),
        _ => {}
    }
    path
}

fn step(random: &mut Random) -> Step {
    let path = |random: &mut Random| path(random);
    match random.below(16) {
        0..=3 => Step::Write {
            path: path(random),
            flags: OpenFlags {
                create: random.below(5) > 0,
                directory: false,
                exclusive: random.below(6) == 0,
                truncate: random.below(2) == 0,
            },
            offset: random.below(4) as u64,
            bytes: vec![b'0' + u8::try_from(random.below(10)).unwrap(); random.below(5)],
        },
        4 => Step::SetSize {
            path: path(random),
            size: random.below(6) as u64,
        },
        5 => Step::Read { path: path(random) },
        6 => Step::List { path: path(random) },
        7 => Step::Stat {
            path: path(random),
            follow: random.below(2) == 0,
        },
        8 | 9 => Step::MakeDir { path: path(random) },
        10 => Step::RemoveDir { path: path(random) },
        11 => Step::Unlink { path: path(random) },
        12 | 13 => Step::Rename {
            from: path(random),
            to: path(random),
        },
        14 => Step::Symlink {
            target: (*random.pick(&["a", "b/c", "d", "./e", "c/d/e"])).to_owned(),
            path: path(random),
        },
        _ => Step::ReadLink { path: path(random) },
    }
}

#[test]
fn random_steps_do_what_a_directory_does() {
    let mut good = 0;
    for seed in Random::seeds(50) {
        let mut random = Random::new(seed);
        let scratch = Scratch::with(&[
            ("a/b/c", "abc"),
            ("a/d", "ad"),
            ("b/e", "be"),
            ("c", "c"),
            ("d/a/e", "dae"),
        ]);
        // Files of more than two bytes are on the disk, in every second run.
        let (tree, root) = open_with(&scratch, |options| {
            options.quotas.in_memory = if seed % 2 == 0 { 2 } else { 1 << 20 };
        });
        let mut both = Both {
            tree,
            root,
            dir: scratch.root(),
        };
        let mut log = Vec::new();
        for _ in 0..120 {
            let step = step(&mut random);
            let (ours, real) = (both.ours(&step), both.real(&step));
            log.push(format!("{step:?} -> {real:?}"));
            good += usize::from(real.is_ok());
            assert_eq!(
                ours,
                real,
                "seed {seed}, after:\n{}",
                log[log.len().saturating_sub(40)..].join("\n")
            );
        }
        // git would not add what lies beyond a link, and nothing else differs.
        scratch.git(&["add", "-A"]);
        let expected = scratch.git(&["write-tree"]);
        let written = both.tree.write_tree().unwrap();
        assert_eq!(
            written.tree.to_string(),
            expected,
            "seed {seed}, after:\n{}",
            log[log.len().saturating_sub(40)..].join("\n")
        );
        let listed = scratch.git(&[
            "diff-tree",
            "-r",
            "--no-renames",
            "--name-only",
            "HEAD",
            &expected,
        ]);
        let edits: Vec<_> = written.edits.into_iter().map(|edit| edit.path).collect();
        assert_eq!(edits.join("\n"), listed, "seed {seed}");
        scratch.fsck();
    }
    assert!(good > 1000, "only {good} steps succeeded");
}
