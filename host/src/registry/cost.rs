//! How much checking a value against a schema may cost: found from the schema alone, before any value is checked.
//!
//! A schema of a few lines can make a validator work for years, by applying two subschemas to the same place at each of many
//! levels. The bound holds for the worst value of a depth; a check that would go over it does not begin.

use std::collections::HashMap;

use serde_json::Value;

use super::SchemaError;

/// Steps that a check may take: a fraction of a second.
const MOST: u64 = 10_000_000;

/// No JSON that was parsed is deeper.
const DEEPEST: usize = 128;

/// Subschemas that are applied to the same value.
const HERE: &[&str] = &["not", "if", "then", "else"];
const HERE_LISTS: &[&str] = &["allOf", "anyOf", "oneOf"];
const HERE_MAPS: &[&str] = &["dependentSchemas", "dependencies"];
/// Subschemas that are applied to any of the values inside.
const INSIDE: &[&str] = &[
    "items",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "propertyNames",
];
const INSIDE_LISTS: &[&str] = &["prefixItems"];
const INSIDE_MAPS: &[&str] = &["patternProperties"];

/// What checking a value costs at the most, by how deep the value is.
#[derive(Debug, Clone)]
pub(super) struct Cost {
    by_depth: Vec<u64>,
    /// Whether any deeper value costs what the last costs.
    settled: bool,
}

impl Cost {
    /// Finds the cost of a schema; refuses one that costs too much for even the flattest value.
    pub(super) fn of(schema: &Value) -> Result<Self, SchemaError> {
        let nodes = Nodes::of(schema);
        let order = nodes.order()?;
        let mut by_depth = Vec::new();
        let mut settled = false;
        let mut above = vec![0; nodes.all.len()];
        for _ in 0..=DEEPEST {
            let now = nodes.level(&order, &above);
            let cost = now.first().copied().unwrap_or(1);
            if cost > MOST {
                break;
            }
            by_depth.push(cost);
            settled = now == above;
            if settled {
                break;
            }
            above = now;
        }
        if by_depth.is_empty() {
            return Err(SchemaError::Costly);
        }
        Ok(Self { by_depth, settled })
    }

    /// Tells whether a value can be checked within the bound.
    pub(super) fn allows(&self, value: &Value) -> bool {
        let (depth, size) = measure(value);
        let deeper = self.by_depth.last().filter(|_| self.settled);
        self.by_depth
            .get(depth)
            .or(deeper)
            .is_some_and(|cost| cost.saturating_mul(size) <= MOST)
    }
}

/// Returns how deep a value is, and how many values it holds.
fn measure(value: &Value) -> (usize, u64) {
    let inner: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return (0, 1),
    };
    inner
        .into_iter()
        .map(measure)
        .fold((0, 1), |(depth, size), (d, s)| (depth.max(d + 1), size + s))
}

/// One subschema: what else it applies, and where.
#[derive(Default)]
struct Node<'a> {
    here: Vec<usize>,
    inside: Vec<usize>,
    named: HashMap<&'a str, usize>,
    again: bool,
}

/// Every subschema that is reached from the root, which is the first.
struct Nodes<'a> {
    root: &'a Value,
    anchors: HashMap<&'a str, &'a Value>,
    known: HashMap<*const Value, usize>,
    found: Vec<&'a Value>,
    all: Vec<Node<'a>>,
}

impl<'a> Nodes<'a> {
    fn of(root: &'a Value) -> Self {
        let mut nodes = Self {
            root,
            anchors: HashMap::new(),
            known: HashMap::new(),
            found: Vec::new(),
            all: Vec::new(),
        };
        nodes.name(root);
        nodes.add(root);
        while let Some(&schema) = nodes.found.get(nodes.all.len()) {
            let node = nodes.read(schema);
            nodes.all.push(node);
        }
        nodes
    }

    /// Collects anchors.
    fn name(&mut self, value: &'a Value) {
        match value {
            Value::Object(members) => {
                for keyword in ["$anchor", "$dynamicAnchor"] {
                    if let Some(name) = members.get(keyword).and_then(Value::as_str) {
                        self.anchors.insert(name, value);
                    }
                }
                members.values().for_each(|member| self.name(member));
            }
            Value::Array(items) => items.iter().for_each(|item| self.name(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn add(&mut self, schema: &'a Value) -> usize {
        let next = self.found.len();
        let index = *self.known.entry(std::ptr::from_ref(schema)).or_insert(next);
        if index == next {
            self.found.push(schema);
        }
        index
    }

    fn read(&mut self, schema: &'a Value) -> Node<'a> {
        let mut node = Node::default();
        let Value::Object(members) = schema else {
            return node;
        };
        for (keyword, value) in members {
            let keyword = keyword.as_str();
            let to = match keyword {
                "$ref" | "$dynamicRef" => {
                    if let Some(target) = value.as_str().and_then(|target| self.target(target)) {
                        node.here.push(self.add(target));
                    }
                    continue;
                }
                "properties" => {
                    for (name, schema) in value.as_object().into_iter().flatten() {
                        node.named.insert(name, self.add(schema));
                    }
                    continue;
                }
                keyword if HERE.contains(&keyword) => vec![value],
                keyword if HERE_LISTS.contains(&keyword) => list(value),
                keyword if HERE_MAPS.contains(&keyword) => map(value),
                keyword if INSIDE.contains(&keyword) => vec![value],
                keyword if INSIDE_LISTS.contains(&keyword) => list(value),
                keyword if INSIDE_MAPS.contains(&keyword) => map(value),
                _ => continue,
            };
            // What is left over is found by evaluating the rest once more.
            node.again |= keyword.starts_with("unevaluated");
            let is_inside = INSIDE.contains(&keyword)
                || INSIDE_LISTS.contains(&keyword)
                || INSIDE_MAPS.contains(&keyword);
            for schema in to {
                let index = self.add(schema);
                if is_inside {
                    node.inside.push(index);
                } else {
                    node.here.push(index);
                }
            }
        }
        node
    }

    fn target(&self, reference: &str) -> Option<&'a Value> {
        let inside = percent_decoded(reference.strip_prefix('#')?)?;
        if inside.is_empty() || inside.starts_with('/') {
            self.root.pointer(&inside)
        } else {
            self.anchors.get(inside.as_str()).copied()
        }
    }

    /// Orders the subschemas so that each comes after those that it applies to the same value; refuses a circle, which asks
    /// a value whether it fits if it fits.
    fn order(&self) -> Result<Vec<usize>, SchemaError> {
        let mut users = vec![Vec::new(); self.all.len()];
        let mut waits: Vec<usize> = Vec::with_capacity(self.all.len());
        for (index, node) in self.all.iter().enumerate() {
            waits.push(node.here.len());
            for &used in &node.here {
                users[used].push(index);
            }
        }
        let mut order: Vec<usize> = (0..waits.len()).filter(|&n| waits[n] == 0).collect();
        let mut next = 0;
        while let Some(&index) = order.get(next) {
            next += 1;
            for &user in &users[index] {
                waits[user] -= 1;
                if waits[user] == 0 {
                    order.push(user);
                }
            }
        }
        if order.len() < self.all.len() {
            return Err(SchemaError::Circle);
        }
        Ok(order)
    }

    /// Returns what each subschema costs for values one level deeper than those of `above`.
    fn level(&self, order: &[usize], above: &[u64]) -> Vec<u64> {
        let mut now = vec![0_u64; self.all.len()];
        for &index in order {
            let node = &self.all[index];
            let named = node.named.values().map(|&n| above[n]).max().unwrap_or(0);
            let here = node.here.iter().map(|&n| now[n]);
            let inside = node.inside.iter().map(|&n| above[n]);
            let cost = here
                .chain(inside)
                .fold(named.saturating_add(1), u64::saturating_add);
            now[index] = cost.saturating_mul(if node.again { 2 } else { 1 });
        }
        now
    }
}

fn list(value: &Value) -> Vec<&Value> {
    value.as_array().into_iter().flatten().collect()
}

fn map(value: &Value) -> Vec<&Value> {
    value
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::values)
        .collect()
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%'
            && let Some((digits, after)) = rest.split_at_checked(2)
            && let Ok(digits) = std::str::from_utf8(digits)
            && let Ok(decoded) = u8::from_str_radix(digits, 16)
        {
            bytes.push(decoded);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Schema;
    use super::*;

    /// A chain of definitions, each of which applies the next twice.
    fn doubling(levels: usize) -> Value {
        let twice = |n: usize| {
            let next = json!({ "$ref": format!("#/$defs/a{n}") });
            json!({ "allOf": [next.clone(), next] })
        };
        let mut definitions: serde_json::Map<_, _> = (0..levels)
            .map(|n| (format!("a{n}"), twice(n + 1)))
            .collect();
        definitions.insert(format!("a{levels}"), json!({}));
        json!({ "$ref": "#/$defs/a0", "$defs": definitions })
    }

    #[test]
    fn a_schema_that_doubles_its_work_is_refused() {
        let costly = Schema::compile(&doubling(64)).err();
        assert_eq!(costly, Some(SchemaError::Costly));
        assert!(Schema::compile(&doubling(8)).is_ok());
    }

    #[test]
    fn a_schema_that_only_asks_itself_is_refused() {
        for schema in [
            json!({ "$ref": "#" }),
            json!({ "not": { "$ref": "#" } }),
            json!({ "$anchor": "a", "anyOf": [{ "$ref": "#a" }] }),
            json!({ "$ref": "#/%24defs/a", "$defs": { "a": { "$ref": "#/$defs/a" } } }),
        ] {
            assert_eq!(
                Schema::compile(&schema).err(),
                Some(SchemaError::Circle),
                "{schema}"
            );
        }
    }

    #[test]
    fn a_value_that_makes_a_schema_double_its_work_is_refused() {
        let deep = |levels| (0..levels).fold(json!({}), |inner, _| json!({ "a": inner }));
        let here = json!({ "$ref": "#" });
        let schema = json!({ "properties": { "a": here }, "patternProperties": { "^a": here } });
        let schema = Schema::compile(&schema).unwrap();
        assert_eq!(schema.check(&deep(8)), Ok(()));
        assert!(schema.check(&deep(60)).is_err());
    }

    #[test]
    fn honest_schemas_are_cheap() {
        let tree = json!({ "properties": {
            "left": { "$ref": "#" }, "right": { "$ref": "#" }, "all": { "items": { "$ref": "#" } }
        } });
        let deep = (0..100).fold(json!({}), |inner, _| json!({ "left": inner }));
        assert_eq!(Schema::compile(&tree).unwrap().check(&deep), Ok(()));
        let flat = Schema::compile(&json!({ "type": "array", "items": { "type": "integer" } }));
        let many: Vec<_> = (0..1_000_000).collect();
        assert_eq!(flat.unwrap().check(&json!(many)), Ok(()));
        assert!(Schema::compile(&json!(true)).unwrap().check(&deep).is_ok());
    }
}
