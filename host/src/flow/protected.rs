//! The places that steer the host itself, which no grant gives.

use std::path::Path;

use super::Host;
use crate::git::links_in;
use crate::workspace::Protected;

impl Host {
    /// Returns the places that no grant of a directory may give.
    pub fn protected(&self) -> Protected {
        let settings = self.settings();
        let mut steering = vec![settings.cache.clone()];
        let members = settings.members.iter().map(|member| &member.settings);
        for settings in std::iter::once(settings.as_ref()).chain(members) {
            steering.extend(settings.parac.clone());
            for name in ["config", "plugins"] {
                let folder = settings.parac.as_ref().map(|parac| parac.join(name));
                // Either may be a link to elsewhere, and so may what is in it.
                steering.extend(folder.as_deref().map(links_in).unwrap_or_default());
                steering.extend(folder);
            }
            // Components that lie elsewhere.
            steering.extend(
                settings
                    .plugins
                    .iter()
                    .filter_map(|entry| entry.path.clone()),
            );
        }
        steering.extend(settings.person.tls_roots.clone());
        let mut checkouts = Vec::new();
        let benches = self.benches().ok();
        for (_, bench) in benches.iter().flat_map(|benches| benches.iter()) {
            let repo = bench.executions().repo();
            steering.push(repo.git_dir().to_owned());
            steering.push(repo.common_dir().to_owned());
            checkouts.extend(repo.workdir().map(Path::to_owned));
        }
        Protected {
            own: Some(settings.own.clone()),
            secrets: settings.person.secret_files().map(Path::to_owned).collect(),
            steering,
            checkouts,
        }
    }
}
