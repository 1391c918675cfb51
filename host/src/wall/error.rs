//! Why there is no second wall.

/// What is missing for a wall. Each sentence completes "the second wall cannot be had: ".
#[derive(Debug, thiserror::Error)]
pub enum WallError {
    /// Another system.
    #[error("only Linux has Landlock, which it is made of")]
    NotLinux,
    /// The kernel has no Landlock.
    #[error(
        "this kernel has no Landlock, or it is not switched on: Linux 5.19 or newer, with `landlock` in its list of security modules, has it"
    )]
    NoLandlock,
    /// The first version forbids what git's object database cannot do without.
    #[error(
        "this kernel's Landlock is of the first version, which cannot let git move files between folders: Linux 5.19 or newer can"
    )]
    TooOld,
    /// Threads that were there before would stay outside.
    #[error(
        "{others} other thread(s) were started before it, which it would not hold; this is a bug, please report it"
    )]
    Threads {
        /// How many.
        others: usize,
    },
    /// The kernel says no.
    #[error("the kernel refuses it: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// It was required.
    #[error(
        "the second wall is required and cannot be had: {why}; mend that, or start with `--wall auto` to go on without it"
    )]
    Required {
        /// What is missing.
        why: Box<Self>,
    },
}
