//! Checks of what was granted: whether it is there, and what waits for a person's word.

use paracle_host::config::{OwnSettings, SecretSource, Settings};
use paracle_host::flow::{Host, Waiting};
use paracle_host::model::{Grant, PluginName, SecretName};
use paracle_host::workspace::try_directories;

use super::check::Check;
use crate::output::line;

const DIRECTORIES: &str = "granted directories";
const SECRETS: &str = "secrets";
const APPROVALS: &str = "approvals";

pub(super) fn look(host: &Host) -> Vec<Check> {
    let plugins: Vec<_> = host.registry().plugins().cloned().collect();
    let standing = plugins.iter().map(|plugin| {
        let standing = host.standing(plugin, None, None)?;
        Ok((plugin.info.name.clone(), standing.grant().clone()))
    });
    let granted: Vec<(PluginName, Grant)> = match standing.collect::<Result<_, _>>() {
        Ok(granted) => granted,
        Err(error) => {
            let error: paracle_host::grants::GrantsError = error;
            let todo = "no plugin has what you granted until that is mended";
            return vec![Check::problem(APPROVALS, error.to_string(), todo)];
        }
    };
    let mut checks = directories(host, &granted);
    checks.extend(secrets(&host.settings(), &granted));
    checks.extend(approvals(host));
    checks
}

fn directories(host: &Host, granted: &[(PluginName, Grant)]) -> Vec<Check> {
    let protected = host.protected();
    let mut count = 0;
    let mut checks = Vec::new();
    for (plugin, grant) in granted {
        count += grant.directories.len();
        checks.extend(
            try_directories(&grant.directories, &protected)
                .into_iter()
                .map(|error| {
                    Check::problem(
                        DIRECTORIES,
                        format!("{plugin}: {error}"),
                        format!(
                            "its calls fail until then; `paracle-host grant list {plugin}` shows where it is granted"
                        ),
                    )
                }),
        );
    }
    if checks.is_empty() {
        checks.push(Check::ok(
            DIRECTORIES,
            match count {
                0 => "none is granted".to_owned(),
                count => format!("{count} granted, and there"),
            },
        ));
    }
    checks
}

/// Reads each secret as a call would, and tells nothing of it.
fn secrets(settings: &Settings, granted: &[(PluginName, Grant)]) -> Vec<Check> {
    let sources = &settings.person.secrets;
    let file = settings.own.join(OwnSettings::FILE);
    let file = file.display();
    let mut checks: Vec<Check> = sources
        .iter()
        .filter_map(|(name, source)| Some(unread(name, source, &source.read().err()?)))
        .collect();
    for (plugin, grant) in granted {
        let missing = |name: &&SecretName| !sources.contains_key(*name);
        let names = grant.secrets.iter().map(|rule| &rule.name);
        checks.extend(names.filter(missing).map(|name| {
            Check::problem(
                SECRETS,
                format!("{plugin} is granted {name}, and nothing says where it is"),
                format!("add `secrets: {{ {name}: {{ env: VARIABLE }} }}` to {file}"),
            )
        }));
    }
    if checks.is_empty() {
        checks.push(Check::ok(
            SECRETS,
            match sources.len() {
                0 => "none is named".to_owned(),
                count => format!("{count} named in {file}, and there for this user alone"),
            },
        ));
    }
    checks
}

fn unread(name: &SecretName, source: &SecretSource, why: &str) -> Check {
    let found = format!("{name}: {why}");
    match source {
        SecretSource::Env(variable) => Check::warning(
            SECRETS,
            found,
            format!(
                "set {variable} where the host is started, such as in the client's configuration; what is set there is not seen here"
            ),
        ),
        SecretSource::File(path) => Check::problem(
            SECRETS,
            found,
            format!(
                "{} has to be a file of yours that holds the secret, with `chmod 600`",
                path.display()
            ),
        ),
        SecretSource::Keyring(_) => Check::problem(
            SECRETS,
            found,
            "unlock the keyring and see that it has the entry, or name another source in config.yaml",
        ),
    }
}

/// Tells what the repository grants beyond itself and nobody approved here. A plugin that changed since it was approved is
/// among those that are not loaded.
fn approvals(host: &Host) -> Vec<Check> {
    let waits = match host.waits() {
        Ok(waits) => waits,
        Err(error) => {
            let todo = "nobody's word counts until that is mended";
            return vec![Check::problem(APPROVALS, error.to_string(), todo)];
        }
    };
    let waits: Vec<_> = waits.into_iter().filter(|wait| wait.served).collect();
    if waits.is_empty() {
        return vec![Check::ok(APPROVALS, "nothing waits for your word")];
    }
    waits
        .into_iter()
        .map(|wait| {
            let Waiting {
                plugin, grant, why, ..
            } = wait;
            let what = if grant.is_empty() {
                format!("{plugin}: {why}")
            } else {
                format!("{plugin} is granted {grant} by plugins.yaml, and waits for your word")
            };
            let todo = format!(
                "look at it, then `paracle-host grant trust {plugin}`; it works without till then"
            );
            Check::warning(APPROVALS, line(&what), todo)
        })
        .collect()
}
