//! What is done to names, and what is told of what they name.

use wasip2::clocks::wall_clock::Datetime;
use wasip2::filesystem::types::{Descriptor, DescriptorStat, DescriptorType, NewTimestamp};

use crate::run::{Ended, Run, code, done, follow};
use crate::step::{NO_TIME, Step};

/// Times that the sequences set begin here, long before anything was written.
const FIRST: u64 = 1_000_000;

pub(crate) fn call(run: &Run, step: &Step) -> Ended {
    match step {
        Step::StatAt {
            dir,
            path,
            follow: f,
        } => {
            let found = run.slot(*dir)?.stat_at(follow(*f), path);
            found.map(stat).map_err(code)
        }
        Step::SetTimesAt {
            dir,
            path,
            follow: f,
            accessed,
            modified,
        } => done(
            run.slot(*dir)?
                .set_times_at(follow(*f), path, time(*accessed), time(*modified)),
        ),
        Step::MakeDir { dir, path } => done(run.slot(*dir)?.create_directory_at(path)),
        Step::RemoveDir { dir, path } => done(run.slot(*dir)?.remove_directory_at(path)),
        Step::Unlink { dir, path } => done(run.slot(*dir)?.unlink_file_at(path)),
        Step::Symlink { target, dir, path } => done(run.slot(*dir)?.symlink_at(target, path)),
        Step::ReadLink { dir, path } => run
            .slot(*dir)?
            .readlink_at(path)
            .map(|target| format!("{target:?}"))
            .map_err(code),
        Step::Link {
            from,
            follow: f,
            old,
            to,
            new,
        } => done(
            run.slot(*from)?
                .link_at(follow(*f), old, run.slot(*to)?, new),
        ),
        Step::Rename { from, old, to, new } => {
            done(run.slot(*from)?.rename_at(old, run.slot(*to)?, new))
        }
        Step::SameHash {
            one,
            dir,
            path,
            follow: f,
        } => {
            let other = run
                .slot(*dir)?
                .metadata_hash_at(follow(*f), path)
                .map_err(code)?;
            let one = run.slot(*one)?.metadata_hash().map_err(code)?;
            Ok(((one.lower, one.upper) == (other.lower, other.upper)).to_string())
        }
        _ => Err("no such step".to_owned()),
    }
}

/// Tells what can be compared: not the size and the links of a directory, and only a time that a sequence set.
pub(crate) fn stat(stat: DescriptorStat) -> String {
    if stat.type_ == DescriptorType::Directory {
        return kind(stat.type_).to_owned();
    }
    let set = stat
        .data_modification_timestamp
        .filter(|time| (FIRST..FIRST + 1000).contains(&time.seconds));
    let set = set.map_or("-".to_owned(), |time| {
        format!("{}.{}", time.seconds - FIRST, time.nanoseconds)
    });
    format!(
        "{} {} bytes, {} links, {set}",
        kind(stat.type_),
        stat.size,
        stat.link_count
    )
}

pub(crate) fn time(time: u8) -> NewTimestamp {
    match time {
        0 => NewTimestamp::NoChange,
        1 => NewTimestamp::Now,
        NO_TIME => NewTimestamp::Timestamp(Datetime {
            seconds: u64::MAX,
            nanoseconds: 999_999_999,
        }),
        more => NewTimestamp::Timestamp(Datetime {
            seconds: FIRST + u64::from(more),
            nanoseconds: u32::from(more) * 1000,
        }),
    }
}

pub(crate) fn list(dir: &Descriptor) -> Ended {
    let stream = dir.read_directory().map_err(code)?;
    let mut names = Vec::new();
    loop {
        match stream.read_directory_entry() {
            Ok(Some(entry)) => names.push(format!("{} {}", entry.name, kind(entry.type_))),
            Ok(None) => break,
            Err(error) => names.push(format!("!{}", error.name())),
        }
    }
    names.sort();
    Ok(names.join(", "))
}

fn kind(kind: DescriptorType) -> &'static str {
    match kind {
        DescriptorType::Directory => "directory",
        DescriptorType::RegularFile => "file",
        DescriptorType::SymbolicLink => "link",
        _ => "other",
    }
}
