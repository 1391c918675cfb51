//! A map of a file, taken apart key by key: what is wrong is told with its place, and what nobody took is a warning.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::Number;

use super::super::ConfigError;
use super::node::{Node, Tree};
use crate::model::{At, Mark};

/// Something in a file that has no effect here; the file works all the same.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Warning {
    /// Which file.
    pub path: PathBuf,
    /// From 1.
    pub line: u64,
    /// From 1.
    pub column: u64,
    /// One sentence.
    pub message: String,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            path,
            line,
            column,
            message,
        } = self;
        write!(f, "{}:{line}:{column}: {message}", path.display())
    }
}

/// A file that is read.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) warnings: Vec<Warning>,
}

impl Source<'_> {
    pub(super) fn wrong(&self, mark: Mark, message: impl Into<String>) -> ConfigError {
        ConfigError::Content {
            path: self.path.to_owned(),
            line: mark.line,
            column: mark.column,
            message: message.into(),
        }
    }

    pub(super) fn warn(&mut self, mark: Mark, message: String) {
        self.warnings.push(Warning {
            path: self.path.to_owned(),
            line: mark.line,
            column: mark.column,
            message,
        });
    }
}

/// A map whose keys are taken one by one.
pub(super) struct Fields {
    /// What the map says something of, such as `agent coder`.
    pub(super) of: String,
    pub(super) mark: Mark,
    entries: Vec<(At<String>, Node)>,
}

impl Fields {
    /// Begins with a map; `of` says what it is of.
    pub(super) fn new(source: &Source<'_>, of: &str, node: Node) -> Result<Self, ConfigError> {
        let entries = match node.value {
            Tree::Map(entries) => entries,
            Tree::Null => Vec::new(),
            other => {
                let message = format!(
                    "{of} is {}; here belongs a map, as in `key: value`",
                    other.told()
                );
                return Err(source.wrong(node.mark, message));
            }
        };
        for (at, (key, _)) in entries.iter().enumerate() {
            if let Some((first, _)) = entries.iter().take(at).find(|one| one.0.value == key.value) {
                let message = format!(
                    "{of} says `{}` twice, first in line {}; keep one of the two",
                    key.value, first.mark.line
                );
                return Err(source.wrong(key.mark, message));
            }
        }
        Ok(Self {
            of: of.to_owned(),
            mark: node.mark,
            entries,
        })
    }

    /// Takes what a key says; none where it is not there, or says nothing.
    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        let at = self.entries.iter().position(|(own, _)| own.value == key)?;
        let (_, node) = self.entries.remove(at);
        (!matches!(node.value, Tree::Null)).then_some(node)
    }

    /// Takes all that is left.
    pub(super) fn rest(&mut self) -> Vec<(At<String>, Node)> {
        std::mem::take(&mut self.entries)
    }

    fn expected(&self, source: &Source<'_>, key: &str, node: &Node, what: &str) -> ConfigError {
        let message = format!(
            "`{key}` of {} is {}; here belongs {what}",
            self.of,
            node.value.told()
        );
        source.wrong(node.mark, message)
    }

    /// Takes a text; a number is read as it is written.
    pub(super) fn text(
        &mut self,
        source: &Source<'_>,
        key: &str,
    ) -> Result<Option<At<String>>, ConfigError> {
        let Some(node) = self.take(key) else {
            return Ok(None);
        };
        let value = match &node.value {
            Tree::Text(text) => text.clone(),
            Tree::Number(number) => number.to_string(),
            Tree::Null | Tree::Bool(_) | Tree::List(_) | Tree::Map(_) => {
                return Err(self.expected(source, key, &node, "a text"));
            }
        };
        Ok(Some(At {
            value,
            mark: node.mark,
        }))
    }

    /// Takes a text without its place.
    pub(super) fn words(
        &mut self,
        source: &Source<'_>,
        key: &str,
    ) -> Result<Option<String>, ConfigError> {
        Ok(self.text(source, key)?.map(|text| text.value))
    }

    /// Takes a text that has to be there, and to be what it stands for.
    pub(super) fn required<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        source: &Source<'_>,
        key: &str,
    ) -> Result<At<T>, ConfigError> {
        match self.name(source, key)? {
            Some(name) => Ok(name),
            None => Err(source.wrong(
                self.mark,
                format!("{} has no `{key}`; add `{key}: …`", self.of),
            )),
        }
    }

    /// Takes a text that is checked.
    pub(super) fn name<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        source: &Source<'_>,
        key: &str,
    ) -> Result<Option<At<T>>, ConfigError> {
        let Some(text) = self.text(source, key)? else {
            return Ok(None);
        };
        match text.value.parse() {
            Ok(value) => Ok(Some(At {
                value,
                mark: text.mark,
            })),
            Err(error) => Err(source.wrong(text.mark, format!("`{key}` of {}: {error}", self.of))),
        }
    }

    /// Takes a whole number within bounds.
    pub(super) fn whole(
        &mut self,
        source: &Source<'_>,
        key: &str,
        bounds: RangeInclusive<u64>,
    ) -> Result<Option<u64>, ConfigError> {
        self.within(source, key, "a whole number", bounds, Number::as_u64)
    }

    /// Takes a number within bounds.
    pub(super) fn number(
        &mut self,
        source: &Source<'_>,
        key: &str,
        bounds: RangeInclusive<f64>,
    ) -> Result<Option<f64>, ConfigError> {
        self.within(source, key, "a number", bounds, Number::as_f64)
    }

    fn within<T: PartialOrd + std::fmt::Display>(
        &mut self,
        source: &Source<'_>,
        key: &str,
        what: &str,
        bounds: RangeInclusive<T>,
        read: impl Fn(&Number) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(node) = self.take(key) else {
            return Ok(None);
        };
        let number = match &node.value {
            Tree::Number(number) => read(number),
            Tree::Null | Tree::Bool(_) | Tree::Text(_) | Tree::List(_) | Tree::Map(_) => None,
        };
        if let Some(number) = number.filter(|number| bounds.contains(number)) {
            return Ok(Some(number));
        }
        let what = format!("{what} from {} to {}", bounds.start(), bounds.end());
        Err(self.expected(source, key, &node, &what))
    }

    /// Takes true or false.
    pub(super) fn flag(
        &mut self,
        source: &Source<'_>,
        key: &str,
    ) -> Result<Option<bool>, ConfigError> {
        match self.take(key) {
            None => Ok(None),
            Some(Node {
                value: Tree::Bool(value),
                ..
            }) => Ok(Some(value)),
            Some(node) => Err(self.expected(source, key, &node, "`true` or `false`")),
        }
    }

    /// Takes a list; one value alone is a list of it.
    pub(super) fn list(&mut self, key: &str) -> Vec<Node> {
        match self.take(key) {
            None => Vec::new(),
            Some(Node {
                value: Tree::List(items),
                ..
            }) => items,
            Some(one) => vec![one],
        }
    }

    /// Takes a list of texts, or of maps that have a `name`.
    pub(super) fn names(
        &mut self,
        source: &mut Source<'_>,
        key: &str,
    ) -> Result<Vec<At<String>>, ConfigError> {
        let mut names = Vec::new();
        for item in self.list(key) {
            let mark = item.mark;
            match item.value {
                Tree::Text(value) => names.push(At { value, mark }),
                Tree::Map(_) => {
                    let of = format!("an entry of `{key}` of {}", self.of);
                    let mut fields = Self::new(source, &of, item)?;
                    names.push(fields.required(source, "name")?);
                    // What else is said of it is for people.
                    drop(fields.words(source, "description"));
                    fields.done(source);
                }
                Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::List(_) => {
                    return Err(self.expected(source, key, &item, "a list of names"));
                }
            }
        }
        Ok(names)
    }

    /// Warns of what nobody took.
    pub(super) fn done(self, source: &mut Source<'_>) {
        for (key, _) in self.entries {
            let message = format!(
                "`{}` of {} is not known, and has no effect",
                key.value, self.of
            );
            source.warn(key.mark, message);
        }
    }
}
