//! Edits of one member of a JSON text that leave every other byte as it is.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// What a level is indented by where the text does not show it.
const INDENT: &str = "  ";

/// What keeps a text from being edited.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no JSON.
    NotJson(String),
    /// This part of it is no object, or is there twice.
    Shape(String),
}

/// Returns the member `name` of the object `key`, if both are there.
pub(super) fn member(text: &str, key: &str, name: &str) -> Result<Option<Value>, Refusal> {
    let root = members(text, text, "the whole")?;
    let Some(servers) = find(&root, key)? else {
        return Ok(None);
    };
    let servers = members(text, &text[servers.value.clone()], key)?;
    let Some(found) = find(&servers, name)? else {
        return Ok(None);
    };
    let value = serde_json::from_str(&text[found.value.clone()]);
    value
        .map(Some)
        .map_err(|error| Refusal::NotJson(error.to_string()))
}

/// Returns the text with the member `name` of the object `key`, where it was or as the last.
pub(super) fn with(
    text: &str,
    key: &str,
    name: &str,
    value: &Map<String, Value>,
) -> Result<String, Refusal> {
    let indent = indent(text);
    let root = members(text, text, "the whole")?;
    let whole = span(text, text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']));
    let written = pretty(value, indent, 2);
    let edit = match find(&root, key)? {
        None => {
            let member = format!(
                "{}: {{\n{}{}: {written}\n{indent}}}",
                quoted(key),
                indent.repeat(2),
                quoted(name)
            );
            inserted(&root, whole, &member, indent, 1)
        }
        Some(servers) => {
            let inside = members(text, &text[servers.value.clone()], key)?;
            match find(&inside, name)? {
                Some(found) => (found.value.clone(), written),
                None => inserted(
                    &inside,
                    servers.value.clone(),
                    &format!("{}: {written}", quoted(name)),
                    indent,
                    2,
                ),
            }
        }
    };
    Ok(applied(text, edit))
}

/// Returns the text without the member `name` of the object `key`; none where there is no such member.
pub(super) fn without(text: &str, key: &str, name: &str) -> Result<Option<String>, Refusal> {
    let root = members(text, text, "the whole")?;
    let Some(servers) = find(&root, key)? else {
        return Ok(None);
    };
    let inside = members(text, &text[servers.value.clone()], key)?;
    let Some(place) = inside.iter().position(|member| member.name == name) else {
        return Ok(None);
    };
    find(&inside, name)?;
    let own = &inside[place].value;
    let edit = if let Some(before) = place.checked_sub(1) {
        (inside[before].value.end..own.end, String::new())
    } else if inside.len() > 1 {
        // Between two values there are spaces, one comma, and the next name.
        let comma = text[own.end..]
            .find(',')
            .map_or(own.end, |at| own.end + at + 1);
        (servers.value.start + 1..comma, String::new())
    } else {
        (servers.value.clone(), "{}".to_owned())
    };
    Ok(Some(applied(text, edit)))
}

/// A member of an object, and where its value is in the text.
struct Member {
    name: String,
    value: Range<usize>,
}

/// Reads an object's members, in their order.
fn members(text: &str, object: &str, what: &str) -> Result<Vec<Member>, Refusal> {
    struct Members<'a>(Vec<(String, &'a RawValue)>);

    impl<'de> Deserialize<'de> for Members<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Reader;
            impl<'de> Visitor<'de> for Reader {
                type Value = Members<'de>;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an object")
                }

                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                    let mut members = Vec::new();
                    while let Some(member) = map.next_entry()? {
                        members.push(member);
                    }
                    Ok(Members(members))
                }
            }
            deserializer.deserialize_map(Reader)
        }
    }

    let object = object.trim_start_matches('\u{feff}');
    match serde_json::from_str::<Members<'_>>(object) {
        Ok(Members(members)) => Ok(members
            .into_iter()
            .map(|(name, value)| Member {
                name,
                value: span(text, value.get()),
            })
            .collect()),
        Err(error) if error.is_data() => Err(Refusal::Shape(what.to_owned())),
        Err(error) => Err(Refusal::NotJson(error.to_string())),
    }
}

/// Returns the member of a name; two of it are refused, because readers differ in which one counts.
fn find<'a>(members: &'a [Member], name: &str) -> Result<Option<&'a Member>, Refusal> {
    let mut found = members.iter().filter(|member| member.name == name);
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some(_) => Err(Refusal::Shape(name.to_owned())),
    }
}

/// Returns where a part of a text is in it.
fn span(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - text.as_ptr().addr();
    start..start + part.len()
}

/// Puts a member behind those of an object.
fn inserted(
    members: &[Member],
    object: Range<usize>,
    member: &str,
    indent: &str,
    depth: usize,
) -> (Range<usize>, String) {
    let inner = indent.repeat(depth);
    match members.last() {
        Some(last) => (
            last.value.end..last.value.end,
            format!(",\n{inner}{member}"),
        ),
        None => (
            object,
            format!("{{\n{inner}{member}\n{}}}", indent.repeat(depth - 1)),
        ),
    }
}

/// Makes the edit, with the text's own line ends.
fn applied(text: &str, (range, with): (Range<usize>, String)) -> String {
    let with = if text.contains("\r\n") {
        with.replace('\n', "\r\n")
    } else {
        with
    };
    [&text[..range.start], &with, &text[range.end..]].concat()
}

/// Returns what the text indents its first level by.
fn indent(text: &str) -> &str {
    let indented = text.lines().find_map(|line| {
        let rest = line.trim_start_matches([' ', '\t']);
        (rest.len() < line.len() && !rest.is_empty()).then(|| &line[..line.len() - rest.len()])
    });
    indented.unwrap_or(INDENT)
}

/// Writes a value over several lines, as deep as it stands.
fn pretty(value: &Map<String, Value>, indent: &str, depth: usize) -> String {
    let mut lines = vec!["{".to_owned()];
    let last = value.len().saturating_sub(1);
    for (place, (name, value)) in value.iter().enumerate() {
        let comma = if place == last { "" } else { "," };
        let value = match value {
            Value::Object(inner) if !inner.is_empty() => pretty(inner, indent, depth + 1),
            other => other.to_string(),
        };
        lines.push(format!(
            "{}{}: {value}{comma}",
            indent.repeat(depth + 1),
            quoted(name)
        ));
    }
    lines.push(format!("{}}}", indent.repeat(depth)));
    lines.join("\n")
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry() -> Map<String, Value> {
        json!({"command": "/bin/p", "args": ["a"]})
            .as_object()
            .unwrap()
            .clone()
    }

    #[test]
    fn every_other_byte_stays_as_it_is() {
        let before = "\u{feff}{\n\t\"big\": 12345678901234567890123, \"e\": \"\\u00e9\\/\",\n\t\"mcpServers\": {\n\t\t\"x\": {\"a\":1e3}\n\t},\n\t\"z\": [ ]\n}\n";
        let put = with(before, "mcpServers", "paracle", &entry()).unwrap();
        assert_eq!(
            put,
            "\u{feff}{\n\t\"big\": 12345678901234567890123, \"e\": \"\\u00e9\\/\",\n\t\"mcpServers\": {\n\t\t\"x\": {\"a\":1e3},\n\t\t\"paracle\": {\n\t\t\t\"command\": \"/bin/p\",\n\t\t\t\"args\": [\"a\"]\n\t\t}\n\t},\n\t\"z\": [ ]\n}\n"
        );
        assert_eq!(
            member(&put, "mcpServers", "paracle").unwrap(),
            Some(json!(entry()))
        );
        assert_eq!(
            without(&put, "mcpServers", "paracle").unwrap().unwrap(),
            before
        );
    }

    #[test]
    fn it_goes_into_whatever_is_there() {
        for (before, after) in [
            ("{}", "{\n  \"k\": {\n    \"n\": {}\n  }\n}"),
            ("{\"k\":{}}", "{\"k\":{\n    \"n\": {}\n  }}"),
            (
                "{\"a\":1}\r\n",
                "{\"a\":1,\r\n  \"k\": {\r\n    \"n\": {}\r\n  }}\r\n",
            ),
        ] {
            let put = with(before, "k", "n", &Map::new()).unwrap();
            assert_eq!(
                put.replace("{\n    }", "{}").replace("{\r\n    }", "{}"),
                after
            );
        }
    }

    #[test]
    fn the_first_of_several_goes_alone() {
        let before = r#"{"k": { "n": {"a": ","}, "o": 2 }}"#;
        assert_eq!(
            without(before, "k", "n").unwrap().unwrap(),
            r#"{"k": { "o": 2 }}"#
        );
        assert_eq!(without(before, "k", "p").unwrap(), None);
    }

    #[test]
    fn what_is_no_object_or_there_twice_is_refused() {
        let shape = |what: &str| Err(Refusal::Shape(what.to_owned()));
        assert_eq!(with("[]", "k", "n", &entry()), shape("the whole"));
        assert_eq!(with(r#"{"k": 1}"#, "k", "n", &entry()), shape("k"));
        assert_eq!(
            with(r#"{"k": {}, "k": {}}"#, "k", "n", &entry()),
            shape("k")
        );
        assert_eq!(
            with(r#"{"k": {"n": 1, "n": 2}}"#, "k", "n", &entry()),
            shape("n")
        );
        assert!(matches!(
            with("{,}", "k", "n", &entry()),
            Err(Refusal::NotJson(_))
        ));
    }
}
