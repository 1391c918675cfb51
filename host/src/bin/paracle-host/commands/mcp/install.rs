//! `mcp install` and `mcp uninstall`.

use paracle_host::clients::{Change, Client, ClientFile, Scope};
use serde_json::json;

use super::client::{ClientName, Place, ScopeName};
use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Puts this host into a client's configuration, so that it starts this host for this repository
#[derive(Debug, clap::Args)]
#[command(after_help = "\
All else in the client's file stays as it is, byte for byte; the file as it was is kept beside it.

Examples:
  paracle-host mcp install --client claude-desktop
  paracle-host mcp install --client cursor --scope user --dry-run")]
pub(crate) struct Install {
    #[command(flatten)]
    entry: Entry,
}

/// Takes this host out of a client's configuration
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host mcp uninstall --client claude-desktop")]
pub(crate) struct Uninstall {
    #[command(flatten)]
    entry: Entry,
}

#[derive(Debug, clap::Args)]
struct Entry {
    /// Which client
    #[arg(long, visible_alias = "ide", value_enum)]
    client: ClientName,
    /// For this project, or for you in all of them; what the client usually has if absent
    #[arg(long, value_enum)]
    scope: Option<ScopeName>,
    /// What the client calls the server
    #[arg(long, default_value = "paracle", value_name = "NAME")]
    name: String,
    /// Only prints what the file would be
    #[arg(long)]
    dry_run: bool,
}

impl Install {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let place = Place::find(context)?;
        let Self { entry } = self;
        let (client, file) = entry.file(&place)?;
        let change = file.with(&entry.name, &place.server.entry(client))?;
        entry.apply(context, &change, "installed", "is there already")
    }
}

impl Uninstall {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let place = Place::find(context)?;
        let Self { entry } = self;
        let (_, file) = entry.file(&place)?;
        let change = file.without(&entry.name)?;
        entry.apply(context, &change, "uninstalled", "is not there")
    }
}

impl Entry {
    fn file(&self, place: &Place) -> Result<(Client, ClientFile), Failure> {
        let client = Client::from(self.client);
        let scope = self.scope.map_or_else(|| client.usual_scope(), Scope::from);
        Ok((client, place.file(client, scope)?))
    }

    /// Writes the change, or prints it, and says what was done.
    fn apply(
        &self,
        context: &Context,
        change: &Change,
        done: &str,
        nothing: &str,
    ) -> Result<(), Failure> {
        let path = change.path();
        if let (true, false, Some(after)) = (self.dry_run, context.json, &change.after) {
            output::text(after)?;
            output::tell(&format!(
                "{} would be this; nothing is changed.",
                path.display()
            ));
            return Ok(());
        }
        let backup = if self.dry_run { None } else { change.write()? };
        if context.json {
            return output::json(&json!({
                "file": path,
                "name": self.name,
                "changed": change.after.is_some() && !self.dry_run,
                "backup": backup,
                "text": change.after.as_ref().filter(|_| self.dry_run),
            }));
        }
        if change.after.is_none() {
            let line = format!("`{}` {nothing}: {}", self.name, path.display());
            return output::text(&line);
        }
        output::text(&format!("{done} `{}`: {}", self.name, path.display()))?;
        if let Some(backup) = backup {
            output::tell(&format!("The file as it was is {}.", backup.display()));
        }
        output::tell("Start the client again, or let it read its configuration again.");
        Ok(())
    }
}
