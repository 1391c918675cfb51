//! `git pr-create`.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use paracle_host::flow::{PullRequest, PullRequestError, Wanted};
use paracle_host::forge::Opened;
use paracle_host::model::{BranchName, ExecutionId, ForgeKind};
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::Failure;
use crate::{output, threads};

/// Pushes an execution's branch with your own git, and opens a pull request of it at GitHub, GitLab, Gitea or Forgejo
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The token is that of the forge's own tools (GH_TOKEN or GITHUB_TOKEN for github.com, GH_ENTERPRISE_TOKEN for GitHub elsewhere,
GITLAB_TOKEN with GITLAB_HOST, GITEA_SERVER_TOKEN with GITEA_SERVER_URL), or what `git credential` has for the remote's host.
Where the forge is not known, the branch is pushed and the page to open is printed.

Example:
  paracle-host git pr-create 01M840Y8CXD1AYKJK8RJJCMVGR \"Add notes\" --body \"Written by files__write\" --dry-run")]
pub(crate) struct PrCreate {
    /// The execution
    #[arg(value_name = "EXEC_ID")]
    id: ExecutionId,
    /// The pull request's title
    title: String,
    /// Its text
    #[arg(long, default_value = "", hide_default_value = true)]
    body: String,
    /// Opens it as a draft
    #[arg(long)]
    draft: bool,
    /// The remote to push to [default: origin, or else the first]
    #[arg(long, value_name = "NAME")]
    remote: Option<String>,
    /// The branch that shall have the changes [default: the one that the execution started from]
    #[arg(long, value_name = "BRANCH")]
    target: Option<BranchName>,
    /// What serves the remote: github, gitlab, gitea or forgejo [default: `forge:` in git.yaml, or what its host's name says]
    #[arg(long, value_name = "KIND")]
    forge: Option<ForgeKind>,
    /// Pushes and opens nothing: prints what would be sent
    #[arg(long)]
    dry_run: bool,
}

impl PrCreate {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let settings = context.settings()?;
        let wanted = Wanted {
            id: &self.id,
            title: &self.title,
            body: &self.body,
            draft: self.draft,
            remote: self.remote.as_deref(),
            target: self.target.as_ref(),
            forge: self.forge,
        };
        let request = PullRequest::prepare(&settings, &context.executions()?, &wanted)?;
        context.tell_others(&self.id)?;
        if self.dry_run {
            return show(context, &request);
        }
        // Somebody is there to be asked for a password, and sees it.
        let terminal =
            !context.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let authorised = request.authorise(terminal)?;
        request.push(terminal)?;
        let mut opened = None;
        if let Some(authorised) = authorised {
            threads::run(async {
                opened = Some(authorised.open(&settings).await?);
                Ok(())
            })?;
        }
        done(context, &request, opened.as_ref())
    }
}

fn document(request: &PullRequest, pushed: bool, opened: Option<&Opened>) -> Value {
    json!({
        "branch": request.new.branch,
        "base": request.new.base,
        "remote": request.remote.name,
        "forge": request.kind,
        "push": push(request),
        "pushed": pushed,
        "page": request.page,
        "opened": opened.is_some(),
        "url": opened.map(|opened| &opened.url),
        "number": opened.map(|opened| opened.number),
    })
}

fn push(request: &PullRequest) -> String {
    format!("git push {} {}", request.remote.name, request.new.branch)
}

/// Prints what would be sent; the token's place holder stands for it.
fn show(context: &Context, request: &PullRequest) -> Result<(), Failure> {
    let api = request.request.as_ref();
    let token = match request.find_token() {
        Ok(found) => found.map(|found| Ok(found.told())),
        Err(error @ (PullRequestError::NoToken { .. } | PullRequestError::BadToken { .. })) => {
            Some(Err(error.to_string()))
        }
        Err(error) => return Err(error.into()),
    };
    if context.json {
        let mut document = document(request, false, None);
        let headers =
            |(name, value): &(&str, String)| ((*name).to_owned(), Value::from(value.clone()));
        document["request"] = api.map_or(Value::Null, |api| {
            let headers: serde_json::Map<String, Value> = api.headers.iter().map(headers).collect();
            json!({"method": api.method, "url": api.url, "headers": headers, "body": api.body})
        });
        document["token"] = match &token {
            None => Value::Null,
            Some(Ok(place)) => json!({ "found": true, "where": place }),
            Some(Err(why)) => json!({ "found": false, "why": why }),
        };
        return output::json(&document);
    }
    let mut text = push(request);
    match (api, &request.page) {
        (Some(api), _) => {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{} {}", api.method, api.url);
            for (name, value) in &api.headers {
                let _ = write!(text, "\n{name}: {value}");
            }
            let _ = write!(text, "\n\n{:#}", api.body);
        }
        (None, Some(page)) => {
            let _ = write!(text, "\n{page}");
        }
        (None, None) => {}
    }
    output::text(&text)?;
    match token {
        None => {}
        Some(Ok(place)) => output::tell(&format!("The token was found, {place}.")),
        Some(Err(why)) => output::tell(&format!("No token: {}", output::printable(&why))),
    }
    output::tell("Nothing was pushed or opened.");
    Ok(())
}

fn done(context: &Context, request: &PullRequest, opened: Option<&Opened>) -> Result<(), Failure> {
    if context.json {
        return output::json(&document(request, true, opened));
    }
    let branch = &request.new.branch;
    output::tell(&output::printable(&format!(
        "pushed {branch} to {}",
        request.remote.name
    )));
    match (opened, &request.page) {
        (Some(opened), _) => output::text(&format!("{}\n", opened.url)),
        (None, Some(page)) => {
            output::tell(
                "Which forge this is, is not known (`--forge` says it): open this page for the pull request.",
            );
            output::text(&format!("{page}\n"))
        }
        (None, None) => {
            output::tell("The remote's address names no page to open.");
            Ok(())
        }
    }
}
