//! May a request go where it wants to: first by what it says, then by the addresses that its name has.

use std::net::IpAddr;

use http::request::Parts;

use super::error::SendError;
use super::headers::forbidden;
use super::secret;
use super::verdict::{self, Verdict};
use crate::model::{HttpRequest, HttpRule, Scheme};

/// Reads what a request says of itself. Whatever can be read in two ways is refused.
pub(super) fn read(parts: &Parts) -> Result<HttpRequest, SendError> {
    let url = |why: &str| SendError::Url {
        why: why.to_owned(),
    };
    let method = parts.method.as_str();
    if matches!(method, "CONNECT" | "TRACE") || method != method.to_ascii_uppercase() {
        return Err(SendError::Method {
            method: method.to_owned(),
        });
    }
    let scheme = match parts.uri.scheme_str() {
        Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        _ => return Err(url("it has to begin with `http://` or `https://`")),
    };
    let authority = parts.uri.authority().ok_or_else(|| url("it has no host"))?;
    if authority.as_str().contains('@') {
        return Err(url(
            "it has a user before its host; put credentials into a header",
        ));
    }
    let port = match authority.port() {
        None => None,
        Some(port) if port.as_u16() == 0 => return Err(url("port 0 is none")),
        Some(port) => Some(port.as_u16()),
    };
    // A colon without a port, or anything else that the parts do not account for.
    let whole = match port {
        None => authority.host().to_owned(),
        Some(port) => format!("{}:{port}", authority.host()),
    };
    if whole != authority.as_str() {
        return Err(url("its host and port are not in their usual form"));
    }
    if let Some(name) = parts.headers.keys().find(|name| forbidden(name)) {
        return Err(SendError::Header {
            name: name.to_string(),
        });
    }
    let sent = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if secret::in_url(sent) {
        return Err(SendError::Secret {
            why:
                "a secret is put into headers only, never into a path or a query, which servers log"
                    .to_owned(),
        });
    }
    HttpRequest::new(method, scheme, authority.host(), port, parts.uri.path())
        .map_err(|error| url(&error.to_string()))
}

/// Decides over all addresses of a request's host at once.
pub(super) fn addresses(
    rules: &[HttpRule],
    request: &HttpRequest,
    found: &[IpAddr],
) -> Verdict<HttpRule> {
    let covering = rules.iter().filter(|rule| rule.covers(request));
    let words = covering.map(|rule| (&rule.host, rule.private));
    verdict::of(&request.host, found, words, |private| {
        let rule = request.rule();
        HttpRule {
            private: private || rule.private,
            ..rule
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_url(url: &str) -> Result<HttpRequest, SendError> {
        let uri: http::Uri = url.parse().map_err(|_| SendError::Denied)?;
        let (parts, ()) = http::Request::get(uri).body(()).unwrap().into_parts();
        read(&parts)
    }

    #[test]
    fn a_host_has_one_form() {
        let read = read_url("HTTPS://API.Example.COM:8443/a?b#c").unwrap();
        assert_eq!(read.host, "api.example.com".parse().unwrap());
        assert_eq!((read.port, read.path.as_str()), (8443, "/a"));
        for bad in [
            "http://user@example.com/",
            "http://user:password@example.com/",
            "http://example.com@127.0.0.1/",
            "http://127.0.0.1%40example.com/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://127.0.0.1./",
            "http://example.com./",
            "http://example.com:/",
            "http://example.com:0/",
            "http://example.com:00080/",
            "http://[fe80::1%25eth0]/",
            "http://[::ffff:127.0.0.1/",
            "http://exämple.com/",
            "http://example.com\\@evil.org/",
            "ftp://example.com/",
            "/relative",
        ] {
            assert!(read_url(bad).is_err(), "{bad}: {:?}", read_url(bad));
        }
    }

    #[test]
    fn tunnels_and_echoes_of_headers_are_no_methods() {
        for method in ["CONNECT", "TRACE", "get", "Post"] {
            let request = http::Request::builder()
                .method(method)
                .uri("https://example.com/");
            let (parts, ()) = request.body(()).unwrap().into_parts();
            assert!(
                matches!(read(&parts), Err(SendError::Method { .. })),
                "{method}"
            );
        }
    }

    fn verdict(rules: &[&str], url: &str, found: &[&str]) -> Verdict<HttpRule> {
        let rules: Vec<HttpRule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let found: Vec<IpAddr> = found
            .iter()
            .map(|address| address.parse().unwrap())
            .collect();
        addresses(&rules, &read_url(url).unwrap(), &found)
    }

    fn needs(rule: &str) -> Verdict<HttpRule> {
        Verdict::Needs(rule.parse().unwrap())
    }

    #[test]
    fn a_name_that_leads_to_a_private_address_needs_the_word_for_it() {
        let rules = ["https://a.example.com"];
        let url = "https://a.example.com/x";
        assert_eq!(verdict(&rules, url, &["1.1.1.1"]), Verdict::Allowed);
        let needed = needs("https://a.example.com private");
        assert_eq!(verdict(&rules, url, &["10.0.0.1"]), needed);
        assert_eq!(verdict(&rules, url, &["::ffff:127.0.0.1"]), needed);
        // One bad address among good ones spoils the name.
        assert_eq!(verdict(&rules, url, &["1.1.1.1", "10.0.0.1"]), needed);
        let private = ["https://a.example.com private"];
        assert_eq!(
            verdict(&private, url, &["1.1.1.1", "10.0.0.1"]),
            Verdict::Allowed
        );
        assert_eq!(
            verdict(&private, url, &["169.254.169.254"]),
            Verdict::Prohibited
        );
        assert_eq!(verdict(&private, url, &["0.0.0.0"]), Verdict::Prohibited);
        // Another rule's word does not count.
        let other = ["https://a.example.com", "https://b.example.com private"];
        assert_eq!(verdict(&other, url, &["10.0.0.1"]), needed);
        let wide = ["https://a.example.com", "https://*.example.com private"];
        assert_eq!(verdict(&wide, url, &["10.0.0.1"]), Verdict::Allowed);
    }

    #[test]
    fn a_private_address_is_granted_by_itself() {
        let url = "http://127.0.0.1:8080/";
        assert_eq!(
            verdict(&["http://*:*"], url, &["127.0.0.1"]),
            needs("http://127.0.0.1:8080")
        );
        assert_eq!(
            verdict(&["http://127.0.0.1:8080"], url, &["127.0.0.1"]),
            Verdict::Allowed
        );
        assert_eq!(
            verdict(&["http://*:* private"], url, &["127.0.0.1"]),
            Verdict::Allowed
        );
        let metadata = "http://169.254.169.254/latest";
        assert_eq!(
            verdict(&["http://* private"], metadata, &["169.254.169.254"]),
            needs("http://169.254.169.254")
        );
        assert_eq!(
            verdict(&["http://169.254.169.254"], metadata, &["169.254.169.254"]),
            Verdict::Allowed
        );
        // Its other form is another host.
        assert_eq!(
            verdict(
                &["http://127.0.0.1:8080"],
                "http://[::ffff:127.0.0.1]:8080/",
                &["::ffff:127.0.0.1"]
            ),
            needs("http://[::ffff:127.0.0.1]:8080")
        );
    }

    #[test]
    fn localhost_is_private_whatever_is_answered_for_it() {
        for host in ["localhost", "x.localhost"] {
            assert_eq!(
                verdict(&["http://*"], &format!("http://{host}/"), &["1.1.1.1"]),
                needs(&format!("http://{host} private"))
            );
        }
    }
}
