//! How executions are merged: by which strategy, to which branches, after which checks.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{BranchName, InvalidName, ToolPath};

/// What a merge leaves on the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeStrategy {
    /// A merge commit, always: the execution's commits stay what they are.
    #[default]
    Merge,
    /// One commit with all that the execution changed.
    Squash,
    /// The execution's commits one by one, put onto the target.
    Rebase,
}

impl MergeStrategy {
    /// All of them, with their names.
    pub const ALL: [(&str, Self); 3] = [
        ("merge", Self::Merge),
        ("squash", Self::Squash),
        ("rebase", Self::Rebase),
    ];
}

impl std::fmt::Display for MergeStrategy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = Self::ALL.iter().find(|(_, strategy)| strategy == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

impl std::str::FromStr for MergeStrategy {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, strategy)| *strategy)
            .ok_or_else(|| {
                InvalidName::new(
                    text,
                    "a merge strategy",
                    "there are merge, squash and rebase",
                )
            })
    }
}

/// Names branches: `main`, `release/*`, `*`. A `*` stands for any characters, `/` included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BranchPattern(String);

impl BranchPattern {
    /// Tells whether a branch is meant.
    pub fn covers(&self, branch: &BranchName) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts
            .next()
            .and_then(|first| branch.as_str().strip_prefix(first))
        else {
            return false;
        };
        let mut parts: Vec<&str> = parts.collect();
        // Without a `*`, all of the name was named.
        let Some(last) = parts.pop() else {
            return rest.is_empty();
        };
        for part in parts {
            let Some(at) = rest.find(part) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }
}

impl std::str::FromStr for BranchPattern {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        // A pattern is a branch's name with stars for some of its characters.
        match text.replace('*', "x").parse::<BranchName>() {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(InvalidName::new(
                text,
                "a pattern of branches",
                "write a branch's name, such as `main`; `*` stands for any characters, as in `release/*`",
            )),
        }
    }
}

impl TryFrom<String> for BranchPattern {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<BranchPattern> for String {
    fn from(pattern: BranchPattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for BranchPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What has to pass on a merged tree before the target moves to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawCheck")]
pub enum MergeCheck {
    /// A program, by its words, in a checkout of the merged tree.
    Command {
        /// The program and its arguments.
        command: Vec<String>,
        /// How long it may take.
        time: Duration,
    },
    /// A plugin's tool, in its sandbox, with the merged tree as its workspace.
    Tool {
        /// Which.
        tool: ToolPath,
        /// Its arguments.
        arguments: serde_json::Map<String, serde_json::Value>,
    },
}

impl fmt::Display for MergeCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { command, .. } => write!(f, "`{}`", command.join(" ")),
            Self::Tool { tool, .. } => write!(f, "{tool}"),
        }
    }
}

/// For how long a command may run where nobody says it.
const TIME: u64 = 600;

/// The most that anybody may say: a day.
const LONGEST: u64 = 24 * 60 * 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCheck {
    #[serde(default)]
    command: Option<Vec<String>>,
    #[serde(default)]
    time_s: Option<u64>,
    #[serde(default)]
    tool: Option<ToolPath>,
    #[serde(default)]
    arguments: Option<serde_json::Map<String, serde_json::Value>>,
}

impl TryFrom<RawCheck> for MergeCheck {
    type Error = String;

    fn try_from(raw: RawCheck) -> Result<Self, String> {
        let RawCheck {
            command,
            time_s,
            tool,
            arguments,
        } = raw;
        match (command, tool) {
            (Some(command), None) => {
                if command.first().is_none_or(String::is_empty)
                    || command.iter().any(|word| word.contains('\0'))
                {
                    return Err(
                        "a check's `command` is a list of words, the program first, as in [cargo, test]"
                            .to_owned(),
                    );
                }
                if arguments.is_some() {
                    return Err(
                        "`arguments` belongs to a check by `tool`; a command's are words of its list"
                            .to_owned(),
                    );
                }
                let seconds = time_s.unwrap_or(TIME);
                if !(1..=LONGEST).contains(&seconds) {
                    return Err(format!("a check's `time_s` can be 1 to {LONGEST}"));
                }
                Ok(Self::Command {
                    command,
                    time: Duration::from_secs(seconds),
                })
            }
            (None, Some(tool)) => {
                if time_s.is_some() {
                    return Err(
                        "`time_s` belongs to a check by `command`; a tool's limits are its plugin's"
                            .to_owned(),
                    );
                }
                Ok(Self::Tool {
                    tool,
                    arguments: arguments.unwrap_or_default(),
                })
            }
            (Some(_), Some(_)) | (None, None) => Err(
                "a check has either `command: [PROGRAM, ARGUMENT, …]` or `tool: plugin__tool`"
                    .to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_names() {
        for (pattern, branch, covered) in [
            ("main", "main", true),
            ("main", "main2", false),
            ("release/*", "release/1/2", true),
            ("release/*", "release", false),
            ("*", "anything/at-all", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*x", "xx", true),
        ] {
            let pattern: BranchPattern = pattern.parse().unwrap();
            assert_eq!(
                pattern.covers(&branch.parse().unwrap()),
                covered,
                "{pattern} {branch}"
            );
        }
        for wrong in ["", "a b", "../*", "a?"] {
            assert!(wrong.parse::<BranchPattern>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_check_is_a_command_or_a_tool() {
        let read = |json| serde_json::from_value::<MergeCheck>(json);
        assert!(read(serde_json::json!({"command": ["true"]})).is_ok());
        assert!(read(serde_json::json!({"tool": "files__list"})).is_ok());
        for wrong in [
            serde_json::json!({}),
            serde_json::json!({"command": []}),
            serde_json::json!({"command": "cargo test"}),
            serde_json::json!({"command": ["true"], "tool": "files__list"}),
            serde_json::json!({"command": ["true"], "time_s": 0}),
            serde_json::json!({"command": ["true"], "shell": true}),
            serde_json::json!({"tool": "files__list", "time_s": 1}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
