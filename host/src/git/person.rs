//! Git as the person's own: pushing, and asking for credentials, with what the person set up for that.

use std::process::Command;

use zeroize::Zeroizing;

use super::command::{More, git_as};
use super::{GitError, Remote, Repo};
use crate::model::{BranchName, Place};

/// Whom git, and the ssh that it starts, may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Person {
    /// Whether somebody sits at a terminal who can answer.
    pub terminal: bool,
    /// Whether the person named a program that answers.
    pub askpass: bool,
    /// Whether the person said how ssh is started.
    pub ssh: bool,
}

impl Person {
    /// Sets what makes git ask, or not.
    pub(super) fn ask(self, command: &mut Command) {
        if self.terminal {
            return;
        }
        command.env("GIT_TERMINAL_PROMPT", "0");
        command
            .env("SSH_ASKPASS", "true")
            .env("SSH_ASKPASS_REQUIRE", "never");
        if !self.askpass {
            command.env("GIT_ASKPASS", "true");
        }
        if !self.ssh {
            // ssh opens the terminal itself, whatever git was told.
            command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
    }
}

impl Repo {
    /// Pushes a branch to a remote under its own name: never by force, without hooks, tags and submodules.
    pub fn push(
        &self,
        remote: &Remote,
        branch: &BranchName,
        person: Person,
    ) -> Result<(), GitError> {
        let refspec = format!("refs/heads/{branch}:refs/heads/{branch}");
        let arguments = [
            "push",
            "--quiet",
            "--no-verify",
            "--no-signed",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--",
            &remote.name,
            &refspec,
        ];
        let more = More {
            person: Some(self.with_own_ssh(person)?),
            ..More::default()
        };
        let dir = self.git_dir();
        match git_as(dir, &more, arguments)? {
            answer if answer.code == 0 => Ok(()),
            answer => Err(answer.error("push", dir)),
        }
    }

    /// Asks git's credential store for the password, or token, for a place; none if it has none.
    pub fn credential(
        &self,
        place: &Place,
        person: Person,
    ) -> Result<Option<Zeroizing<String>>, GitError> {
        let question = format!(
            "protocol={}\nhost={}\npath={}\n\n",
            place.scheme.name(),
            place.authority(),
            place.path
        );
        let more = More {
            input: question.as_bytes(),
            person: Some(person),
            ..More::default()
        };
        let answer = git_as(self.git_dir(), &more, ["credential", "fill"])?;
        let text = Zeroizing::new(String::from_utf8_lossy(&answer.stdout).into_owned());
        let password = text.lines().find_map(|line| line.strip_prefix("password="));
        Ok(password
            .filter(|password| answer.code == 0 && !password.is_empty())
            .map(|password| Zeroizing::new(password.to_owned())))
    }

    /// Leaves ssh as it is where the person's git settings say how it is started.
    fn with_own_ssh(&self, person: Person) -> Result<Person, GitError> {
        let set = self.with(|git| {
            let settings = git.config().and_then(|mut settings| settings.snapshot());
            Ok(settings.is_ok_and(|settings| settings.get_str("core.sshCommand").is_ok()))
        })?;
        Ok(Person {
            ssh: person.ssh || set,
            ..person
        })
    }
}
