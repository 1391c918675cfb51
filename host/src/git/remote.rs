//! Where a repository is published, as far as its own configuration says; nothing here reaches the network.

use super::repo::Purpose;
use super::{GitError, Repo};
use crate::model::BranchName;

/// A remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its name, such as `origin`.
    pub name: String,
    /// Its address, as configured.
    pub url: String,
}

impl Repo {
    /// Returns the remote named `origin`, or else the first; none if there is none.
    pub fn remote(&self) -> Result<Option<Remote>, GitError> {
        self.with(Purpose::Read, |git| {
            let failed = |error: git2::Error| self.library("list the remotes", &error);
            let names = git.remotes().map_err(failed)?;
            let mut names: Vec<&str> = names
                .iter()
                .filter_map(|name| name.ok().flatten())
                .collect();
            names.sort_by_key(|name| *name != "origin");
            let Some(name) = names.first() else {
                return Ok(None);
            };
            let remote = git.find_remote(name).map_err(failed)?;
            let url = String::from_utf8_lossy(remote.url_bytes()).into_owned();
            Ok(Some(Remote {
                name: (*name).to_owned(),
                url,
            }))
        })
    }
}

impl Remote {
    /// Returns the page where a person opens a pull request; none where the address is no host's.
    pub fn pull_request_page(
        &self,
        base: &BranchName,
        branch: &BranchName,
        title: &str,
        body: &str,
    ) -> Option<String> {
        let (host, path) = self.host_and_path()?;
        let (base, branch) = (base.as_str(), branch.as_str());
        Some(if host.split('.').any(|label| label == "gitlab") {
            format!(
                "https://{host}/{path}/-/merge_requests/new?merge_request%5Bsource_branch%5D={}&merge_request%5Btarget_branch%5D={}&merge_request%5Btitle%5D={}&merge_request%5Bdescription%5D={}",
                encode(branch, false),
                encode(base, false),
                encode(title, false),
                encode(body, false),
            )
        } else {
            format!(
                "https://{host}/{path}/compare/{}...{}?expand=1&title={}&body={}",
                encode(base, true),
                encode(branch, true),
                encode(title, false),
                encode(body, false),
            )
        })
    }

    /// Reads host and path of `https://…`, `ssh://…` and `user@host:path`, without port and credentials.
    fn host_and_path(&self) -> Option<(String, String)> {
        let (authority, path) = match self.url.split_once("://") {
            Some(("http" | "https" | "ssh" | "git", rest)) => rest.split_once('/')?,
            Some(_) => return None,
            None => {
                let (authority, path) = self.url.split_once(':')?;
                // `C:\repository` and `./a:b` are paths.
                if authority.len() < 2 || authority.contains(['/', '\\']) {
                    return None;
                }
                (authority, path)
            }
        };
        let host = authority.rsplit('@').next()?.split(':').next()?;
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let plain = |text: &str, more: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        (plain(host, ".-") && plain(path, "._-/~+")).then(|| (host.to_owned(), path.to_owned()))
    }
}

/// Percent-encodes what is not plain in an address.
fn encode(text: &str, slashes: bool) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (slashes && byte == b'/') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(url: &str) -> Option<String> {
        let remote = Remote {
            name: "origin".to_owned(),
            url: url.to_owned(),
        };
        let (base, branch) = (
            "main".parse().unwrap(),
            "exec/a/20260101_000000".parse().unwrap(),
        );
        remote.pull_request_page(&base, &branch, "A & B", "")
    }

    #[test]
    fn every_form_of_an_address_leads_to_one_page() {
        let expected = "https://example.com/o/r/compare/main...exec/a/20260101_000000?expand=1&title=A%20%26%20B&body=";
        for url in [
            "https://example.com/o/r.git",
            "https://user:secret@example.com/o/r",
            "ssh://git@example.com:22/o/r.git",
            "git@example.com:o/r.git",
        ] {
            assert_eq!(page(url).as_deref(), Some(expected), "{url}");
        }
        assert!(
            page("https://gitlab.com/o/r")
                .is_some_and(|page| page.contains("/-/merge_requests/new?"))
        );
    }

    #[test]
    fn a_path_has_no_page() {
        for url in [
            "/srv/r.git",
            "../r",
            "file:///srv/r",
            r"C:\r",
            "",
            "ext::sh -c x",
        ] {
            assert_eq!(page(url), None, "{url}");
        }
    }
}
