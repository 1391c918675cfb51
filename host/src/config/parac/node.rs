//! YAML with the place of each part: what is found wrong with it later can still be shown.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::Spanned;

use crate::model::{At, Mark};

/// A part of a file.
pub(super) type Node = At<Tree>;

/// What a part of a file is.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    /// Nothing.
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// In the file's order; a key may stand there twice.
    Map(Vec<(At<String>, Node)>),
}

impl Tree {
    /// Names what it is, for who expected something else.
    pub(super) const fn told(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }

    /// Returns it without places.
    pub(super) fn into_json(self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => value.into(),
            Self::Number(value) => value.into(),
            Self::Text(value) => value.into(),
            Self::List(items) => items
                .into_iter()
                .map(|item| item.value.into_json())
                .collect(),
            Self::Map(entries) => entries
                .into_iter()
                .map(|(key, node)| (key.value, node.value.into_json()))
                .collect(),
        }
    }
}

fn placed<T>(spanned: Spanned<T>) -> At<T> {
    let mark = Mark {
        line: spanned.referenced.line(),
        column: spanned.referenced.column(),
    };
    At {
        value: spanned.value,
        mark,
    }
}

/// Reads a file's text; none of an empty one.
pub(super) fn parse(text: &str) -> Result<Option<Node>, serde_saphyr::Error> {
    Ok(serde_saphyr::from_str::<Option<Spanned<Tree>>>(text)?.map(placed))
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Tree, E> {
        match Number::from_f64(value) {
            Some(number) => Ok(Tree::Number(number)),
            None => Err(E::custom("a number has to be finite")),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Tree>>()? {
            list.push(placed(item));
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut map = Vec::new();
        while let Some(key) = entries.next_key::<Spanned<String>>()? {
            map.push((placed(key), placed(entries.next_value::<Spanned<Tree>>()?)));
        }
        Ok(Tree::Map(map))
    }
}
