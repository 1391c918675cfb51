//! What a call can use up: each limit's key, unit, default and most, in one table.

use serde::Serialize;

/// A limit that a call can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitName {
    /// Linear memory, summed over memories.
    Memory,
    /// Elements of tables, summed over tables.
    Tables,
    /// Core instances of the component.
    Instances,
    /// Wall time.
    Time,
    /// Processor time.
    Cpu,
    /// Calls from the guest into the host.
    HostCalls,
    /// Lines logged, stdout and stderr included.
    LogLines,
    /// Bytes logged, stdout and stderr included.
    LogBytes,
    /// Bytes of the result.
    Result,
    /// Bytes that the guest hands to the host at once: an answer, or what it gives to a host call.
    Message,
    /// HTTP requests, and connections and look-ups of raw sockets.
    HttpRequests,
    /// Bytes of HTTP responses, headers included, and those that raw sockets receive.
    HttpIn,
    /// Bytes of HTTP requests, headers included, and those that raw sockets send.
    HttpOut,
    /// Files and directories made or changed.
    Files,
    /// Bytes written to files.
    Written,
    /// Bytes of one file that is read or written.
    FileSize,
    /// Bytes that open files hold in the host's memory, and as many that listings hold.
    Held,
    /// Descriptors, streams and other resources open at once.
    Handles,
    /// Plugins that call each other.
    Depth,
    /// Calls of one plugin that run at once; more wait.
    Calls,
}

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 1024 × 1024 bytes.
    Mib,
    /// 1024 bytes.
    Kib,
    /// Milliseconds.
    Ms,
    /// Things of this name.
    Of(&'static str),
}

impl Unit {
    /// Returns how many bytes, microseconds or things one is.
    pub const fn size(self) -> u64 {
        match self {
            Self::Mib => 1 << 20,
            Self::Kib => 1 << 10,
            Self::Ms => 1000,
            Self::Of(_) => 1,
        }
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Mib => "MiB",
            Self::Kib => "KiB",
            Self::Ms => "ms",
            Self::Of(things) => things,
        })
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct LimitSpec {
    /// The key in `limits:`.
    pub key: &'static str,
    /// What it is called in a sentence, before the word limit.
    pub word: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// The least that makes sense.
    pub least: u64,
    /// What applies where nobody says anything.
    pub default: u64,
    /// The most that anybody can give.
    pub most: u64,
}

/// How many limits there are.
pub(super) const COUNT: usize = LimitName::ALL.len();

impl LimitName {
    /// All of them, in the order of their declaration.
    pub const ALL: &[Self] = &[
        Self::Memory,
        Self::Tables,
        Self::Instances,
        Self::Time,
        Self::Cpu,
        Self::HostCalls,
        Self::LogLines,
        Self::LogBytes,
        Self::Result,
        Self::Message,
        Self::HttpRequests,
        Self::HttpIn,
        Self::HttpOut,
        Self::Files,
        Self::Written,
        Self::FileSize,
        Self::Held,
        Self::Handles,
        Self::Depth,
        Self::Calls,
    ];

    /// Returns the limit's line of the table.
    pub const fn spec(self) -> LimitSpec {
        use Unit::{Kib, Mib, Ms, Of};
        const DAY_MS: u64 = 86_400_000;
        // Beyond this a count is no bound any more, and sums of counts still fit.
        const MANY: u64 = 1_000_000_000_000;
        let (key, word, unit, least, default, most) = match self {
            // A Python guest needs about 60 MiB; nothing honest needs more than the default without saying so. The most
            // is the size of a pooled memory slot.
            Self::Memory => ("memory_mib", "memory", Mib, 1, 256, 2048),
            // The most is the size of a pooled table slot.
            Self::Tables => (
                "table_elements",
                "table",
                Of("elements"),
                1,
                100_000,
                200_000,
            ),
            // A Python guest has about 30, a Rust guest 3. The most is what a pooled slot is for.
            Self::Instances => ("instances", "instance", Of("core instances"), 1, 64, 64),
            Self::Time => ("time_ms", "time", Ms, 1, 30_000, DAY_MS),
            Self::Cpu => ("cpu_ms", "CPU time", Ms, 1, 10_000, DAY_MS),
            // A search through 100,000 files takes about a million.
            Self::HostCalls => ("host_calls", "host call", Of("calls"), 1, 10_000_000, MANY),
            Self::LogLines => ("log_lines", "log line", Of("lines"), 0, 10_000, MANY),
            Self::LogBytes => ("log_kib", "log size", Kib, 0, 4096, 1 << 30),
            Self::Result => ("result_kib", "result size", Kib, 1, 4096, 1 << 20),
            // Room for the largest file in one piece, twice.
            Self::Message => ("message_mib", "message size", Mib, 1, 128, 2048),
            Self::HttpRequests => (
                "http_requests",
                "HTTP request",
                Of("requests"),
                0,
                200,
                1_000_000,
            ),
            Self::HttpIn => ("http_in_kib", "HTTP download", Kib, 0, 64 << 10, 1 << 30),
            Self::HttpOut => ("http_out_kib", "HTTP upload", Kib, 0, 16 << 10, 1 << 30),
            Self::Files => ("files", "file", Of("files"), 0, 20_000, 10_000_000),
            Self::Written => ("write_mib", "write", Mib, 0, 512, 1 << 20),
            Self::FileSize => ("file_mib", "file size", Mib, 1, 64, 2048),
            Self::Held => ("held_mib", "open file", Mib, 1, 256, 1 << 16),
            Self::Handles => ("handles", "handle", Of("handles"), 8, 1024, 1 << 20),
            // What a call of the host is counted for below: more would need more pooled slots.
            Self::Depth => ("depth", "depth", Of("plugins"), 0, 4, 8),
            // Half of what runs at once, so that one plugin leaves room for the others.
            Self::Calls => ("calls", "parallel call", Of("calls at once"), 1, 32, 64),
        };
        LimitSpec {
            key,
            word,
            unit,
            least,
            default,
            most,
        }
    }

    /// Returns the key that changes the limit.
    pub const fn key(self) -> &'static str {
        self.spec().key
    }

    /// Finds the limit that a key changes.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|name| name.key() == key)
    }
}

impl std::fmt::Display for LimitName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.spec().word)
    }
}
