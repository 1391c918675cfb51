//! Where a repository is published, as far as its own configuration says; nothing here reaches the network.

use super::{GitError, Repo};
use crate::model::{ForgeKind, NewPullRequest, Place, Scheme, percent_encoded};

/// A remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its name, such as `origin`.
    pub name: String,
    /// Its address, as configured.
    pub url: String,
}

impl Repo {
    /// Returns the remote of a name; without one, the remote named `origin`, or else the first. None if there is none.
    pub fn remote(&self, wanted: Option<&str>) -> Result<Option<Remote>, GitError> {
        self.with(|git| {
            let failed = |error: git2::Error| self.library("list the remotes", &error);
            let names = git.remotes().map_err(failed)?;
            let mut names: Vec<&str> = names
                .iter()
                .filter_map(|name| name.ok().flatten())
                .filter(|name| wanted.is_none_or(|wanted| wanted == *name))
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
        kind: Option<ForgeKind>,
        new: &NewPullRequest,
    ) -> Option<String> {
        let place = self.place()?;
        let plain = |text: &str| percent_encoded(text, false);
        let path = |text: &str| percent_encoded(text, true);
        let (base, branch) = (new.base.as_str(), new.branch.as_str());
        Some(if kind == Some(ForgeKind::Gitlab) {
            format!(
                "{place}/-/merge_requests/new?merge_request%5Bsource_branch%5D={}&merge_request%5Btarget_branch%5D={}&merge_request%5Btitle%5D={}&merge_request%5Bdescription%5D={}",
                plain(branch),
                plain(base),
                plain(&new.title),
                plain(&new.body),
            )
        } else {
            format!(
                "{place}/compare/{}...{}?expand=1&title={}&body={}",
                path(base),
                path(branch),
                plain(&new.title),
                plain(&new.body),
            )
        })
    }

    /// Returns the credentials that stand in the address itself.
    pub fn credentials(&self) -> Option<&str> {
        let (_, rest) = self.url.split_once("://")?;
        let (user, _) = rest.split('/').next()?.rsplit_once('@')?;
        user.split_once(':').map(|(_, password)| password)
    }

    /// Reads where the repository is published, of `https://…`, `ssh://…` and `user@host:path`; none where it is a path. What is
    /// reached by ssh is published by https; a port is ssh's own then.
    pub fn place(&self) -> Option<Place> {
        let (scheme, authority, path) = match self.url.split_once("://") {
            Some((scheme @ ("http" | "https" | "ssh" | "git"), rest)) => {
                let (authority, path) = rest.split_once('/')?;
                (scheme, authority, path)
            }
            Some(_) => return None,
            None => {
                let (authority, path) = self.url.split_once(':')?;
                // `C:\repository` and `./a:b` are paths.
                if authority.len() < 2 || authority.contains(['/', '\\']) {
                    return None;
                }
                ("ssh", authority, path)
            }
        };
        let mut authority = authority.rsplit('@').next()?.split(':');
        let host = authority.next()?;
        let port = authority.next().and_then(|port| port.parse().ok());
        let (scheme, port) = match scheme {
            "http" => (Scheme::Http, port),
            "https" => (Scheme::Https, port),
            _ => (Scheme::Https, None),
        };
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let plain = |text: &str, more: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        (plain(host, ".-") && plain(path, "._-/~+")).then(|| Place {
            scheme,
            host: host.to_ascii_lowercase(),
            port: port.filter(|port| *port != scheme.port()),
            path: path.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(url: &str) -> Option<String> {
        let remote = Remote {
            name: "origin".to_owned(),
            url: url.to_owned(),
        };
        let kind = remote
            .place()
            .and_then(|place| ForgeKind::of_host(&place.host));
        let new = NewPullRequest {
            title: "A & B".to_owned(),
            body: String::new(),
            base: "main".parse().unwrap(),
            branch: "exec/a/20260101_000000".parse().unwrap(),
            draft: false,
        };
        remote.pull_request_page(kind, &new)
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
        let local = page("http://127.0.0.1:3000/o/r.git").unwrap();
        assert!(
            local.starts_with("http://127.0.0.1:3000/o/r/compare/"),
            "{local}"
        );
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
