//! The parts of a URL. What each may be is for the host to say.

use super::Error;

/// A URL's parts, as `wasi:http` wants them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) https: bool,
    pub(super) authority: &'a str,
    /// With the query, without the fragment.
    pub(super) path: &'a str,
}

/// Cuts a URL into its parts.
pub(super) fn parts(url: &str) -> Result<Parts<'_>, Error> {
    let url = url.split('#').next().unwrap_or_default();
    let wrong = || {
        Error::Url(format!(
            "{url} has to begin with `https://` or `http://` and a host"
        ))
    };
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let https = match scheme.to_ascii_lowercase().as_str() {
        "https" => true,
        "http" => false,
        _ => return Err(wrong()),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.is_empty() {
        return Err(wrong());
    }
    Ok(Parts {
        https,
        authority,
        path,
    })
}

/// Returns where a reference on a page leads. Dots in paths are left to the server.
///
/// ```
/// use paracle_plugin_sdk::http::resolve;
/// assert_eq!(resolve("https://example.com/a/b", "c"), "https://example.com/a/c");
/// ```
pub fn join(base: &str, reference: &str) -> String {
    let reference = reference.trim();
    let scheme_of = |url: &str| {
        let scheme = url.split(':').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        url.contains(':')
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(plain)
    };
    if scheme_of(reference) {
        return reference.to_owned();
    }
    let base = base.split('#').next().unwrap_or_default();
    let Ok(Parts {
        https,
        authority,
        path,
    }) = parts(base)
    else {
        return reference.to_owned();
    };
    let scheme = if https { "https" } else { "http" };
    if let Some(rest) = reference.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    let root = format!("{scheme}://{authority}");
    let file = path.split('?').next().unwrap_or_default();
    let folder = file.rfind('/').map_or("/", |at| &file[..=at]);
    match reference.chars().next() {
        Some('/') => format!("{root}{reference}"),
        Some('?') => format!("{root}{file}{reference}"),
        Some('#') | None => format!("{root}{path}"),
        Some(_) => format!("{root}{folder}{reference}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_scheme_a_host_and_a_path() {
        let check = |url: &str, https, authority, path| {
            let read = Parts {
                https,
                authority,
                path,
            };
            assert_eq!(parts(url), Ok(read));
        };
        check("HTTPS://a.b:8443/c?d#e", true, "a.b:8443", "/c?d");
        check("http://a.b?d", false, "a.b", "?d");
        for bad in ["", "a.b", "ftp://a.b", "https://", "https:///x", "//a.b"] {
            assert!(parts(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reference_leads_on_from_its_page() {
        let base = "https://a.b/c/d?e#f";
        for (reference, whole) in [
            ("https://x.y/z", "https://x.y/z"),
            ("mailto:me@a.b", "mailto:me@a.b"),
            ("//x.y/z", "https://x.y/z"),
            ("/z", "https://a.b/z"),
            ("z", "https://a.b/c/z"),
            ("?z", "https://a.b/c/d?z"),
            ("#z", "https://a.b/c/d?e"),
            ("", "https://a.b/c/d?e"),
            ("../z:1/", "https://a.b/c/../z:1/"),
        ] {
            assert_eq!(join(base, reference), whole, "{reference}");
        }
        assert_eq!(join("http://a.b", "z"), "http://a.b/z");
    }
}
