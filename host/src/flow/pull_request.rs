//! From an execution's branch to a pull request: pushed with the person's own git, opened through the forge's interface.

use std::sync::Arc;

use super::forge_way::{OneToken, send};
use crate::config::{self, Asking, Settings};
use crate::execution::{ExecutionError, Executions};
use crate::forge::{self, ApiRequest, ForgeError, Opened};
use crate::git::{GitError, Person, Remote, Repo};
use crate::model::{ExecutionId, ForgeKind, NewPullRequest, Place, Scheme, SecretValue};
use crate::network::SendError;
use crate::observe;

/// What a person asks for.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Of which execution.
    pub id: &'a ExecutionId,
    /// Its title.
    pub title: &'a str,
    /// Its text.
    pub body: &'a str,
    /// Whether it is not yet to be merged.
    pub draft: bool,
    /// At which remote; without one, `origin`, or else the first.
    pub remote: Option<&'a str>,
    /// Into which branch; without one, what the execution started from.
    pub target: Option<&'a crate::model::BranchName>,
    /// What serves the remote, where neither its host nor `git.yaml` says it.
    pub forge: Option<ForgeKind>,
}

/// Why there is no pull request.
#[derive(Debug, thiserror::Error)]
pub enum PullRequestError {
    /// The execution has no branch.
    #[error("branch {branch} of execution {id} is gone: there is nothing to push")]
    NoBranch {
        /// Which execution.
        id: ExecutionId,
        /// Its branch.
        branch: crate::model::BranchName,
    },
    /// It started from no branch.
    #[error(
        "execution {id} started from no branch: name the one that shall have it, by `--target BRANCH`"
    )]
    NoTarget {
        /// Which execution.
        id: ExecutionId,
    },
    /// There is nowhere to push.
    #[error(
        "this repository has no remote {name}to open a pull request at: `git remote -v` lists them, `git remote add origin URL` adds one, and `paracle-host git merge` merges without"
    )]
    NoRemote {
        /// The name that was asked for, and a space; or nothing.
        name: String,
    },
    /// There is no token.
    #[error(
        "there is no token for {host}: set {variables}, or store one with `git credential approve`; nothing was pushed, and `--dry-run` shows what would be"
    )]
    NoToken {
        /// Whose.
        host: String,
        /// What may hold one.
        variables: String,
    },
    /// The token cannot be used.
    #[error("{why}; nothing was pushed")]
    BadToken {
        /// Why not.
        why: String,
    },
    /// The execution cannot be read.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The certificates of the person's configuration cannot be used.
    #[error(transparent)]
    Host(#[from] super::HostError),
    /// The forge was not reached.
    #[error("branch {branch} is pushed, and no pull request was opened: {source}")]
    Send {
        /// What was pushed.
        branch: crate::model::BranchName,
        /// Why not.
        source: SendError,
    },
    /// The forge opened none.
    #[error("branch {branch} is pushed, and no pull request was opened: {source}")]
    Forge {
        /// What was pushed.
        branch: crate::model::BranchName,
        /// Why not.
        source: ForgeError,
    },
}

/// What will be pushed and asked for.
pub struct PullRequest {
    /// What it says.
    pub new: NewPullRequest,
    /// Where the branch goes.
    pub remote: Remote,
    /// What serves the remote, if that is known.
    pub kind: Option<ForgeKind>,
    /// The request to the forge, if it is known.
    pub request: Option<ApiRequest>,
    /// The page where a person opens one.
    pub page: Option<String>,
    place: Option<Place>,
    repo: Repo,
}

/// A pull request that is ready to go, with its token.
pub struct Authorised {
    kind: ForgeKind,
    place: Place,
    request: ApiRequest,
    token: SecretValue,
    branch: crate::model::BranchName,
}

/// Where the token for a forge stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFound {
    /// In a variable of the environment.
    Variable(&'static str),
    /// In git's credential store.
    CredentialStore,
}

impl TokenFound {
    /// Says it in words.
    pub fn told(&self) -> String {
        match self {
            Self::Variable(name) => format!("in the variable {name}"),
            Self::CredentialStore => "in git's credential store".to_owned(),
        }
    }
}

impl PullRequest {
    /// Looks at all that a pull request needs; changes nothing and asks nobody.
    pub fn prepare(
        settings: &Settings,
        executions: &Executions,
        wanted: &Wanted<'_>,
    ) -> Result<Self, PullRequestError> {
        let info = executions.show(wanted.id)?;
        executions.check_publishable(&info.record)?;
        let branch = info.record.branch;
        if !info.branch_exists {
            return Err(PullRequestError::NoBranch {
                id: wanted.id.clone(),
                branch,
            });
        }
        let repo = executions.repo().clone();
        let remote = repo.remote(wanted.remote)?;
        let remote = remote.ok_or_else(|| PullRequestError::NoRemote {
            name: wanted
                .remote
                .map(|name| format!("{name} "))
                .unwrap_or_default(),
        })?;
        let base = wanted.target.cloned().or(info.record.base_branch);
        let base = base.ok_or_else(|| PullRequestError::NoTarget {
            id: wanted.id.clone(),
        })?;
        let new = NewPullRequest {
            title: wanted.title.to_owned(),
            body: wanted.body.to_owned(),
            base,
            branch,
            draft: wanted.draft,
        };
        let place = remote.place();
        let kind = place.as_ref().and_then(|place| {
            let named = wanted.forge.or(settings.git.forge);
            named.or_else(|| ForgeKind::of_host(&place.host))
        });
        // Git's own words may repeat the remote's address.
        if let Some(value) = remote
            .credentials()
            .and_then(|text| SecretValue::new(text).ok())
            && let Ok(name) = "REMOTE_PASSWORD".parse()
        {
            observe::hide(&name, &value);
        }
        Ok(Self {
            page: remote.pull_request_page(kind, &new),
            request: kind
                .zip(place.as_ref())
                .map(|(kind, place)| forge::open(kind, place, &new)),
            kind,
            place,
            new,
            remote,
            repo,
        })
    }

    /// Finds the token for the forge, in the environment or in git's credential store. None where the forge is not known.
    pub fn authorise(&self, terminal: bool) -> Result<Option<Authorised>, PullRequestError> {
        let (Some(kind), Some(place), Some(request)) = (self.kind, &self.place, &self.request)
        else {
            return Ok(None);
        };
        let (token, _) = self.token(kind, place, terminal)?;
        if let Ok(name) = forge::TOKEN.parse() {
            observe::hide(&name, &token);
        }
        Ok(Some(Authorised {
            kind,
            place: place.clone(),
            request: request.clone(),
            token,
            branch: self.new.branch.clone(),
        }))
    }

    /// Looks where the token for the forge is, without asking the person for one; none where the forge is not known.
    pub fn find_token(&self) -> Result<Option<TokenFound>, PullRequestError> {
        match (self.kind, &self.place) {
            (Some(kind), Some(place)) => Ok(Some(self.token(kind, place, false)?.1)),
            _ => Ok(None),
        }
    }

    fn token(
        &self,
        kind: ForgeKind,
        place: &Place,
        terminal: bool,
    ) -> Result<(SecretValue, TokenFound), PullRequestError> {
        let bad = |why: String| PullRequestError::BadToken { why };
        if place.scheme == Scheme::Http && !is_this_machine(&place.host) {
            let why = format!(
                "the remote {} is reached in the clear, and a token goes over https only",
                self.remote.name
            );
            return Err(bad(why));
        }
        if let Some(token) = config::forge_token(kind, place).map_err(bad)? {
            return Ok((token.value, TokenFound::Variable(token.variable)));
        }
        let token = self
            .repo
            .credential(place, person(terminal))?
            .map(|text| SecretValue::new(&text))
            .transpose()
            .map_err(|error| {
                bad(format!(
                    "git's credential store has no token for {}: {error}",
                    place.host
                ))
            })?
            .ok_or_else(|| Self::no_token(kind, place))?;
        Ok((token, TokenFound::CredentialStore))
    }

    fn no_token(kind: ForgeKind, place: &Place) -> PullRequestError {
        let variables = match (config::forge_variables(kind, place), kind) {
            ([], ForgeKind::Github) => "GH_HOST to it".to_owned(),
            ([], ForgeKind::Gitlab) => "GITLAB_HOST to it, and GITLAB_TOKEN".to_owned(),
            ([], ForgeKind::Gitea) => "GITEA_SERVER_URL to it, and GITEA_SERVER_TOKEN".to_owned(),
            (variables, _) => variables.join(" or "),
        };
        PullRequestError::NoToken {
            host: place.authority(),
            variables,
        }
    }

    /// Pushes the branch.
    pub fn push(&self, terminal: bool) -> Result<(), PullRequestError> {
        Ok(self
            .repo
            .push(&self.remote, &self.new.branch, person(terminal))?)
    }
}

fn person(terminal: bool) -> Person {
    let asking = Asking::read();
    Person {
        terminal,
        askpass: asking.askpass,
        ssh: asking.ssh,
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

impl Authorised {
    /// Opens the pull request. The way out is that of plugins: it may go to this one place, and the token with it.
    pub async fn open(self, settings: &Settings) -> Result<Opened, PullRequestError> {
        let Self {
            kind,
            place,
            request,
            token,
            branch,
        } = self;
        let machine = super::host::machine(settings, Arc::new(OneToken(token)))?;
        let sent = send(&request, &place, machine).await;
        let (status, body) = sent.map_err(|source| PullRequestError::Send {
            branch: branch.clone(),
            source,
        })?;
        forge::read(kind, status, &body)
            .map_err(|source| PullRequestError::Forge { branch, source })
    }
}
