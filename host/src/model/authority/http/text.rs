//! A rule as a person writes it.

use std::fmt;

use super::parts::{Methods, PortPattern, Scheme, is_method};
use super::rule::HttpRule;
use crate::model::InvalidName;

const RULE: &str = "write `[METHOD,…] SCHEME://HOST[:PORT][/PATH] [private]`, such as `https://*.example.com` or \
                    `GET,POST https://api.example.com:8443/v1`; no method means GET and HEAD, `*` all";

impl std::str::FromStr for HttpRule {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let invalid = || InvalidName::new(text, "a network grant", RULE);
        let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
        let private = words.last() == Some(&"private");
        if private {
            words.pop();
        }
        let (methods, url) = match words[..] {
            [url] => (Methods::Safe, url),
            ["*", url] => (Methods::Any, url),
            [methods, url] => {
                let methods: Vec<String> = methods.split(',').map(str::to_owned).collect();
                if !methods.iter().all(|method| is_method(method)) {
                    return Err(invalid());
                }
                (Methods::Only(methods), url)
            }
            _ => return Err(invalid()),
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(invalid)?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(invalid()),
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        // A colon inside of brackets is the address's own.
        let (host, port) = match authority
            .rfind(':')
            .filter(|at| !authority[*at..].contains(']'))
        {
            None => (authority, PortPattern::Usual),
            Some(at) => match &authority[at + 1..] {
                "*" => (&authority[..at], PortPattern::Any),
                port => {
                    let port = port.parse().ok().filter(|port| *port != 0);
                    (
                        &authority[..at],
                        PortPattern::One(port.ok_or_else(invalid)?),
                    )
                }
            },
        };
        let rule = Self {
            methods,
            scheme,
            host: host.parse()?,
            port,
            path: path.to_owned(),
            private,
        };
        let plain = path.bytes().all(|b| b.is_ascii_graphic()) && !path.contains(['?', '#', '*']);
        if plain && rule.path_covers(path) || rule.path == "/" {
            Ok(rule)
        } else {
            Err(invalid())
        }
    }
}

impl fmt::Display for HttpRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.methods {
            Methods::Safe => {}
            Methods::Any => f.write_str("* ")?,
            Methods::Only(methods) => write!(f, "{} ", methods.join(","))?,
        }
        write!(f, "{}://{}", self.scheme.name(), self.host)?;
        match self.port {
            PortPattern::Usual => {}
            PortPattern::Any => f.write_str(":*")?,
            PortPattern::One(port) => write!(f, ":{port}")?,
        }
        if self.path != "/" {
            f.write_str(&self.path)?;
        }
        if self.private {
            f.write_str(" private")?;
        }
        Ok(())
    }
}
