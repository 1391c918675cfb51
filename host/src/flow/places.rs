//! Which places of this machine decide what runs later, and whose grant a directory is that cannot be given.

use std::path::{Path, PathBuf};

use super::given::Meant;
use super::members::footprints;
use super::{CallError, Host};
use crate::config::Surroundings;
use crate::git::{Footprint, Repo, links_in};
use crate::model::{Access, DirectoryRule, Grant};
use crate::registry::Plugin;
use crate::workspace::{DirectoryError, PlaceRule, check_places};

/// Folders in a home directory with the keys of its person, and with settings that name what runs where they are used.
const KEYS: &[&str] = &[".ssh", ".gnupg"];

/// Folders in a home directory where programs are looked for, whether or not `PATH` names them now.
const PROGRAMS: &[&str] = &["bin", ".local/bin", ".cargo/bin"];

/// Folders in a home directory of what starts with a session, a shell, an editor or a build.
const START_UP: &[&str] = &[
    ".bash_completion.d",
    ".bashrc.d",
    ".cargo",
    ".emacs.d",
    ".local/share/applications",
    ".local/share/dbus-1",
    ".local/share/systemd",
    ".oh-my-zsh",
    ".profile.d",
    ".vim",
    ".zsh",
    "Library/LaunchAgents",
];

/// The same in a person's configuration folder.
const START_UP_CONFIG: &[&str] = &[
    "autostart",
    "emacs",
    "environment.d",
    "fish",
    "nushell",
    "nvim",
    "plasma-workspace",
    "systemd",
    "zsh",
];

/// The same for everybody on the machine.
const START_UP_ALL: &[&str] = &[
    "/etc",
    "/Library/LaunchAgents",
    "/Library/LaunchDaemons",
    "/var/spool/cron",
];

impl Host {
    /// Refuses directories to write to that decide what runs later, as far as that is not meant.
    pub(super) fn check_places(
        &self,
        rules: &[DirectoryRule],
        meant: Meant,
    ) -> Result<(), DirectoryError> {
        if rules.iter().all(|rule| rule.access != Access::ReadWrite) {
            return Ok(());
        }
        let mut places = self.places();
        for rule in rules.iter().filter(|rule| rule.access == Access::ReadWrite) {
            places.extend(elsewhere(&rule.path));
        }
        check_places(rules, &places, meant.code_runs_there)
    }

    fn places(&self) -> Vec<(PlaceRule, PathBuf)> {
        let around = Surroundings::read();
        let home = around.home.as_deref();
        let git = footprints(&self.settings, &around);
        let obeyed = git.into_iter().flat_map(|(_, git)| git.obeyed).collect();
        let below = |folder: Option<&std::path::Path>, names: &[&str]| -> Vec<PathBuf> {
            let folders = folder.into_iter();
            folders
                .flat_map(|folder| names.iter().map(|name| folder.join(name)))
                .collect()
        };
        let mut programs = around.programs.clone();
        programs.extend(below(home, PROGRAMS));
        let mut start_up = around.start_up.clone();
        start_up.extend(below(home, START_UP));
        start_up.extend(below(around.config.as_deref(), START_UP_CONFIG));
        // A folder of dotfiles that these lead to is as good as they are.
        let linked: Vec<_> = start_up
            .iter()
            .flat_map(|folder| links_in(folder))
            .collect();
        start_up.extend(linked);
        let in_home = home.map(links_in).unwrap_or_default();
        start_up.extend(in_home.into_iter().filter(|link| is_hidden(link)));
        let mut keys = below(home, KEYS);
        let linked: Vec<_> = keys.iter().flat_map(|folder| links_in(folder)).collect();
        keys.extend(linked);
        start_up.extend(START_UP_ALL.iter().map(PathBuf::from));
        let places = [
            (PlaceRule::Home, around.home.iter().cloned().collect()),
            (PlaceRule::Git, obeyed),
            (PlaceRule::Keys, keys),
            (PlaceRule::Programs, programs),
            (PlaceRule::StartUp, start_up),
        ];
        places
            .into_iter()
            .flat_map(|(by, places)| places.into_iter().map(move |place| (by, place)))
            .collect()
    }

    /// Says of a directory that cannot be given to a call whose grant names it, and how to take that back.
    pub(super) fn name_grant(&self, plugin: &Plugin, error: CallError) -> CallError {
        let CallError::Directory { error, grant: None } = error else {
            return error;
        };
        let wanted = error.rule();
        let names = |grant: &Grant| {
            let mut rules = grant.directories.iter();
            // A caller's own grant may have cut it down.
            rules.any(|rule| rule.at == wanted.at && wanted.within(rule).is_some())
        };
        let name = &plugin.info.name;
        // What cannot be read was refused before.
        let given = self.grants.given().unwrap_or_default();
        let given = given
            .into_iter()
            .find(|given| given.plugin == *name && names(&given.grant));
        let grant = match given {
            Some(given) => Some(format!(
                "it is grant {id}, which `paracle-host grant revoke {id}` takes back",
                id = given.id
            )),
            None if names(&plugin.outside) => Some(format!(
                "it stands under `grants:` of {name} in .parac/config/plugins.yaml"
            )),
            None => None,
        };
        CallError::Directory { error, grant }
    }
}

/// Tells whether a name in the home directory is one of settings.
fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b".")
}

/// Returns what the repository that a directory lies in, which may be another one than the host's, obeys outside of its git
/// directory: that is hidden.
fn elsewhere(directory: &Path) -> Vec<(PlaceRule, PathBuf)> {
    let around = Surroundings::read();
    let Ok(repo) = Repo::discover(directory) else {
        return Vec::new();
    };
    let hidden: Vec<_> = [repo.git_dir(), repo.common_dir()]
        .into_iter()
        .filter_map(|folder| folder.canonicalize().ok())
        .collect();
    let git = Footprint::of(Some(&repo), &around.git, around.home.as_deref());
    git.obeyed
        .into_iter()
        .map(|place| place.canonicalize().unwrap_or(place))
        .filter(|place| !hidden.iter().any(|folder| place.starts_with(folder)))
        .map(|place| (PlaceRule::Git, place))
        .collect()
}
