//! A sequence while it runs: the descriptors that it holds, and each step by its function.

use wasip2::filesystem::types::{
    Advice, Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags,
};

use crate::data;
use crate::names;
use crate::step::{Opening, Planned, SLOTS, Step};
use crate::undo;

/// How a step ended: what it answered, or the name of an error code.
pub(crate) type Ended = Result<String, String>;

/// A sequence while it runs.
pub(crate) struct Run {
    slots: Vec<Option<Descriptor>>,
}

impl Run {
    pub(crate) fn new(dir: Descriptor) -> Self {
        let mut slots: Vec<_> = (0..SLOTS).map(|_| None).collect();
        slots[0] = Some(dir);
        Self { slots }
    }

    /// Does a step, and says how it ended.
    pub(crate) fn step(&mut self, planned: &Planned) -> String {
        let ended = if planned.undo {
            undo::step(self, &planned.step)
        } else {
            self.call(&planned.step)
        };
        match ended {
            Ok(answer) if answer.is_empty() => "ok".to_owned(),
            Ok(answer) => format!("ok {answer}"),
            Err(name) => name,
        }
    }

    pub(crate) fn slot(&self, slot: usize) -> Result<&Descriptor, String> {
        let held = self.slots.get(slot).and_then(Option::as_ref);
        held.ok_or_else(|| "nothing is held".to_owned())
    }

    pub(crate) fn call(&mut self, step: &Step) -> Ended {
        match step {
            Step::Open {
                dir,
                path,
                how,
                into,
            } => {
                let opened = self.open(*dir, path, *how)?;
                self.slots[*into] = Some(opened);
                Ok(String::new())
            }
            Step::Close(slot) => {
                self.slots[*slot] = None;
                Ok(String::new())
            }
            Step::Read {
                file,
                length,
                offset,
            } => data::read(self.slot(*file)?, *length, *offset),
            Step::Write { file, text, offset } => data::write(self.slot(*file)?, text, *offset),
            Step::ReadStream {
                file,
                offset,
                chunk,
            } => data::read_stream(self.slot(*file)?, *offset, *chunk),
            Step::WriteStream {
                file,
                offset,
                texts,
            } => data::write_stream(self.slot(*file)?, Some(*offset), texts),
            Step::AppendStream { file, texts } => {
                data::write_stream(self.slot(*file)?, None, texts)
            }
            Step::Splice {
                from,
                offset,
                to,
                length,
            } => data::splice(self.slot(*from)?, *offset, self.slot(*to)?, *length),
            Step::SetSize { file, size } => done(self.slot(*file)?.set_size(*size)),
            Step::Advise {
                file,
                offset,
                length,
                advice,
            } => done(
                self.slot(*file)?
                    .advise(*offset, *length, advice_of(*advice)),
            ),
            Step::Sync(slot) => done(self.slot(*slot)?.sync()),
            Step::SyncData(slot) => done(self.slot(*slot)?.sync_data()),
            Step::Flags(slot) => told(self.slot(*slot)?.get_flags()),
            Step::Type(slot) => told(self.slot(*slot)?.get_type()),
            Step::Stat(slot) => self.slot(*slot)?.stat().map(names::stat).map_err(code),
            Step::SetTimes {
                file,
                accessed,
                modified,
            } => done(
                self.slot(*file)?
                    .set_times(names::time(*accessed), names::time(*modified)),
            ),
            Step::List(slot) => names::list(self.slot(*slot)?),
            Step::Same { one, other } => {
                let same = self.slot(*one)?.is_same_object(self.slot(*other)?);
                Ok(same.to_string())
            }
            Step::StatAt { .. }
            | Step::SetTimesAt { .. }
            | Step::MakeDir { .. }
            | Step::RemoveDir { .. }
            | Step::Unlink { .. }
            | Step::Symlink { .. }
            | Step::ReadLink { .. }
            | Step::Link { .. }
            | Step::Rename { .. }
            | Step::SameHash { .. } => names::call(self, step),
        }
    }

    pub(crate) fn open(&self, dir: usize, path: &str, how: Opening) -> Result<Descriptor, String> {
        let mut open = OpenFlags::empty();
        open.set(OpenFlags::CREATE, how.create);
        open.set(OpenFlags::DIRECTORY, how.directory);
        open.set(OpenFlags::EXCLUSIVE, how.exclusive);
        open.set(OpenFlags::TRUNCATE, how.truncate);
        let mut flags = DescriptorFlags::empty();
        flags.set(DescriptorFlags::READ, how.read);
        flags.set(DescriptorFlags::WRITE, how.write);
        flags.set(DescriptorFlags::MUTATE_DIRECTORY, how.mutate);
        flags.set(DescriptorFlags::FILE_INTEGRITY_SYNC, how.sync);
        self.slot(dir)?
            .open_at(follow(how.follow), path, open, flags)
            .map_err(code)
    }
}

pub(crate) fn follow(follow: bool) -> PathFlags {
    if follow {
        PathFlags::SYMLINK_FOLLOW
    } else {
        PathFlags::empty()
    }
}

pub(crate) fn code(code: ErrorCode) -> String {
    code.name().to_owned()
}

pub(crate) fn done(result: Result<(), ErrorCode>) -> Ended {
    result.map(|()| String::new()).map_err(code)
}

fn told<T: std::fmt::Debug>(result: Result<T, ErrorCode>) -> Ended {
    result.map(|answer| format!("{answer:?}")).map_err(code)
}

fn advice_of(advice: u8) -> Advice {
    match advice % 6 {
        0 => Advice::Normal,
        1 => Advice::Sequential,
        2 => Advice::Random,
        3 => Advice::WillNeed,
        4 => Advice::DontNeed,
        _ => Advice::NoReuse,
    }
}
