//! What was hit, and how often.

use std::collections::BTreeMap;
use std::fmt;

/// What a process was doing when it was killed, by what it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Nothing was stored yet.
    Loading,
    /// Objects were being stored, and no ref pointed at them.
    Write,
    /// Its refs were locked, and had not moved.
    Start,
    /// Its refs were there, the call's commit was not yet on its branch, or not yet told.
    Checkpoint,
    /// It was merging, or had merged and not yet noted it.
    Merge,
    /// It was giving up or removing.
    Cleanup,
    /// It had ended.
    Over,
}

impl Phase {
    pub(super) const ALL: [Self; 7] = [
        Self::Loading,
        Self::Write,
        Self::Start,
        Self::Checkpoint,
        Self::Merge,
        Self::Cleanup,
        Self::Over,
    ];

    /// Those that each have to be hit.
    pub(super) const ASKED: [Self; 5] = [
        Self::Start,
        Self::Write,
        Self::Checkpoint,
        Self::Merge,
        Self::Cleanup,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Write => "write",
            Self::Start => "start",
            Self::Checkpoint => "checkpoint",
            Self::Merge => "merge",
            Self::Cleanup => "cleanup",
            Self::Over => "(over)",
        }
    }
}

/// Kills by repository and phase.
#[derive(Debug, Default)]
pub(super) struct Table(BTreeMap<(String, Phase), usize>);

impl Table {
    pub(super) fn add(&mut self, world: &str, phase: Phase) {
        *self.0.entry((world.to_owned(), phase)).or_default() += 1;
    }

    /// Returns how many kills hit a process in a phase.
    pub(super) fn hits(&self, phase: Phase) -> usize {
        let counts = self.0.iter().filter(|((_, other), _)| *other == phase);
        counts.map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<28}", "killed during")?;
        for phase in Phase::ALL {
            write!(f, "{:>12}", phase.word())?;
        }
        let mut worlds: Vec<&String> = self.0.keys().map(|(world, _)| world).collect();
        worlds.dedup();
        for world in worlds {
            write!(f, "\n{world:<28}")?;
            for phase in Phase::ALL {
                let count = self.0.get(&(world.clone(), phase)).unwrap_or(&0);
                write!(f, "{count:>12}")?;
            }
        }
        write!(f, "\n{:<28}", "all")?;
        for phase in Phase::ALL {
            write!(f, "{:>12}", self.hits(phase))?;
        }
        Ok(())
    }
}
