//! Secrets in outgoing headers: what stands for one, and whether it may go there.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue};

use super::error::SendError;
use crate::model::{HostPattern, HttpRequest, Scheme, SecretName, SecretRule, SecretValue};

const OPEN: &[u8] = b"{{secret:";
const CLOSE: &[u8] = b"}}";

/// Why a secret cannot be read. It is told to the person; the guest learns its name only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret {name} cannot be read: {why}")]
pub struct SecretError {
    /// Which.
    pub name: SecretName,
    /// What is wrong, and what to do.
    pub why: String,
}

/// Where the values of secrets come from. What is read is hidden from then on in all that this process tells.
pub trait Secrets: Send + Sync {
    /// Reads a secret. May block.
    fn read(&self, name: &SecretName) -> Result<SecretValue, SecretError>;
}

/// A place without secrets.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn read(&self, name: &SecretName) -> Result<SecretValue, SecretError> {
        Err(SecretError {
            name: name.clone(),
            why: "this host has no secrets".to_owned(),
        })
    }
}

/// Returns the secrets that headers name, each once.
pub(super) fn named(headers: &HeaderMap) -> Result<Vec<SecretName>, SendError> {
    let mut names = Vec::new();
    for value in headers.values() {
        let mut rest = value.as_bytes();
        while let Some((_, name, after)) = next(rest)? {
            if !names.contains(&name) {
                names.push(name);
            }
            rest = after;
        }
    }
    Ok(names)
}

/// Tells whether a path or a query has something that stands for a secret, as it is or percent-encoded.
pub(super) fn in_url(path_and_query: &str) -> bool {
    let decoded = path_and_query
        .to_ascii_lowercase()
        .replace("%7b", "{")
        .replace("%3a", ":");
    decoded.contains("{{secret:") || decoded.contains("{{secret%")
}

/// Tells whether a rule lets a secret go where a request goes.
pub(super) fn may_go(rules: &[SecretRule], name: &SecretName, request: &HttpRequest) -> bool {
    rules
        .iter()
        .any(|rule| rule.name == *name && rule.hosts.iter().any(|host| host.covers(&request.host)))
}

/// Returns the rule that would let a secret go where a request goes.
pub(super) fn need(name: &SecretName, host: &HostPattern) -> SecretRule {
    SecretRule {
        name: name.clone(),
        hosts: vec![host.clone()],
    }
}

/// Refuses a secret that others on the way could read: it goes over TLS, or does not leave the machine.
pub(super) fn carried_safely(request: &HttpRequest, address: IpAddr) -> bool {
    request.scheme == Scheme::Https || address.to_canonical().is_loopback()
}

/// Puts the values in the place of what stands for them.
pub(super) fn fill(
    headers: &mut HeaderMap,
    values: &[(SecretName, SecretValue)],
) -> Result<(), SendError> {
    for value in headers.values_mut() {
        if next(value.as_bytes())?.is_none() {
            continue;
        }
        let mut filled = zeroize::Zeroizing::new(Vec::new());
        let mut rest = value.as_bytes();
        while let Some((before, name, after)) = next(rest)? {
            filled.extend_from_slice(before);
            let secret = values.iter().find(|(other, _)| *other == name);
            let (_, secret) = secret.ok_or(SendError::Denied)?;
            filled.extend_from_slice(secret.expose().as_bytes());
            rest = after;
        }
        filled.extend_from_slice(rest);
        let mut sent = HeaderValue::from_bytes(&filled).map_err(|_| SendError::Secret {
            why: "a header with a secret in it cannot be sent".to_owned(),
        })?;
        sent.set_sensitive(true);
        *value = sent;
    }
    Ok(())
}

/// What stands before a placeholder, the secret's name, and what stands behind it.
type Placeholder<'a> = (&'a [u8], SecretName, &'a [u8]);

/// Finds the next placeholder.
fn next(text: &[u8]) -> Result<Option<Placeholder<'_>>, SendError> {
    let Some(open) = find(text, OPEN) else {
        return Ok(None);
    };
    let rest = &text[open + OPEN.len()..];
    let name = find(rest, CLOSE)
        .and_then(|close| Some((close, std::str::from_utf8(&rest[..close]).ok()?)))
        .and_then(|(close, name)| Some((close, name.parse::<SecretName>().ok()?)));
    match name {
        Some((close, name)) => Ok(Some((&text[..open], name, &rest[close + CLOSE.len()..]))),
        None => Err(SendError::Secret {
            why: "a header has `{{secret:` without a name and `}}` behind it; write `{{secret:NAME}}`".to_owned(),
        }),
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static(value));
        headers
    }

    fn value(name: &str, value: &str) -> (SecretName, SecretValue) {
        let value = SecretValue::new(value).unwrap();
        (name.parse().unwrap(), value)
    }

    #[test]
    fn placeholders_are_found_and_filled_once() {
        let mut given = headers("Bearer {{secret:A}}, {{secret:B_2}};{{secret:A}}!");
        let names: Vec<String> = named(&given)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(names, ["A", "B_2"]);
        // A value that looks like a placeholder is a value.
        let values = [value("A", "{{secret:B_2}}"), value("B_2", "bbbb-2222")];
        fill(&mut given, &values).unwrap();
        let sent = &given["authorization"];
        assert_eq!(sent, "Bearer {{secret:B_2}}, bbbb-2222;{{secret:B_2}}!");
        assert!(sent.is_sensitive());
        assert!(fill(&mut headers("{{secret:C}}"), &values).is_err());
    }

    #[test]
    fn a_placeholder_that_is_none_is_refused() {
        for bad in [
            "{{secret:",
            "{{secret:A",
            "{{secret:a}}",
            "{{secret:}}",
            "{{secret:A }}",
        ] {
            assert!(named(&headers(bad)).is_err(), "{bad}");
        }
        assert!(named(&headers("{secret:A}")).unwrap().is_empty());
    }

    #[test]
    fn a_placeholder_in_a_url_is_seen_in_its_encodings() {
        for url in [
            "/{{secret:A}}",
            "/?q=%7B%7Bsecret:A%7D%7D",
            "/%7b{SECRET%3AA}}",
        ] {
            assert!(in_url(url), "{url}");
        }
        assert!(!in_url("/secret:A/{}"));
    }
}
