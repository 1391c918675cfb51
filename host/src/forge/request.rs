//! The request that opens a pull request, by each forge's documentation.

use serde_json::{Value, json};

use crate::model::{ForgeKind, NewPullRequest, Place, percent_encoded as encoded};

/// The name of the secret that stands for the token in a request's headers.
pub const TOKEN: &str = "FORGE_TOKEN";

/// A request to a forge's interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiRequest {
    /// Its method.
    pub method: &'static str,
    /// Where it goes.
    pub url: String,
    /// Its headers; what stands for the token is in one of them.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Value,
}

/// Makes the request that opens a pull request.
pub fn open(kind: ForgeKind, place: &Place, new: &NewPullRequest) -> ApiRequest {
    let (title, text) = (&new.title, &new.body);
    let (base, branch) = (new.base.as_str(), new.branch.as_str());
    let (url, body, authorization) = match kind {
        // https://docs.github.com/rest/pulls/pulls#create-a-pull-request
        ForgeKind::Github => (
            format!(
                "{}/repos/{}/pulls",
                github(place),
                encoded(&place.path, true)
            ),
            json!({"title": title, "head": branch, "base": base, "body": text, "draft": new.draft}),
            "Bearer",
        ),
        // https://docs.gitlab.com/api/merge_requests/#create-mr: a draft is one by its title.
        ForgeKind::Gitlab => (
            format!(
                "{}/api/v4/projects/{}/merge_requests",
                place.origin(),
                encoded(&place.path, false)
            ),
            json!({
                "source_branch": branch, "target_branch": base,
                "title": drafted("Draft: ", new), "description": text,
            }),
            "Bearer",
        ),
        // https://docs.gitea.com/api/#tag/repository/operation/repoCreatePullRequest: a draft is one by its title.
        ForgeKind::Gitea => (
            format!(
                "{}/api/v1/repos/{}/pulls",
                place.origin(),
                encoded(&place.path, true)
            ),
            json!({"title": drafted("WIP: ", new), "head": branch, "base": base, "body": text}),
            "token",
        ),
    };
    let mut headers = vec![
        (
            "authorization",
            format!("{authorization} {{{{secret:{TOKEN}}}}}"),
        ),
        ("content-type", "application/json".to_owned()),
        (
            "user-agent",
            concat!("paracle-host/", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
    ];
    match kind {
        ForgeKind::Github => headers.extend([
            ("accept", "application/vnd.github+json".to_owned()),
            ("x-github-api-version", "2022-11-28".to_owned()),
        ]),
        ForgeKind::Gitlab | ForgeKind::Gitea => {
            headers.push(("accept", "application/json".to_owned()));
        }
    }
    ApiRequest {
        method: "POST",
        url,
        headers,
        body,
    }
}

/// Returns the root of GitHub's interface: a host of its own for github.com, a path elsewhere.
fn github(place: &Place) -> String {
    if place.host.eq_ignore_ascii_case("github.com") {
        "https://api.github.com".to_owned()
    } else {
        format!("{}/api/v3", place.origin())
    }
}

fn drafted(mark: &str, new: &NewPullRequest) -> String {
    let mark = if new.draft { mark } else { "" };
    format!("{mark}{}", new.title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scheme;

    #[test]
    fn github_com_has_a_host_for_its_interface() {
        let place = |host: &str| Place {
            scheme: Scheme::Https,
            host: host.to_owned(),
            port: None,
            path: "o/r".to_owned(),
        };
        let new = NewPullRequest {
            title: "t".to_owned(),
            body: String::new(),
            base: "main".parse().unwrap(),
            branch: "exec/a/20260101_000000".parse().unwrap(),
            draft: false,
        };
        let url = |host: &str| open(ForgeKind::Github, &place(host), &new).url;
        assert_eq!(url("github.com"), "https://api.github.com/repos/o/r/pulls");
        assert_eq!(
            url("github.example.com"),
            "https://github.example.com/api/v3/repos/o/r/pulls"
        );
    }
}
