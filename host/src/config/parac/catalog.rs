//! `.parac/workflows/catalog.yaml`, and the definitions beside it.

use std::path::{Path, PathBuf};

use super::super::ConfigError;
use super::fields::{Fields, Source, Warning};
use super::files;
use super::node::Node;
use crate::model::{At, PlanName};

/// A workflow that a repository has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CatalogEntry {
    /// What it is called.
    pub name: PlanName,
    /// Its file.
    #[serde(skip)]
    pub file: PathBuf,
    /// What it is for.
    pub description: Option<String>,
    /// What it belongs to.
    pub category: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What the catalog says where that is not `active`; such a one is not run.
    pub status: Option<String>,
}

/// The workflows of a repository.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Catalog {
    /// Those of the catalog in its order, then by name those that are there and not in it.
    pub workflows: Vec<CatalogEntry>,
    /// What in the catalog has no effect.
    pub warnings: Vec<Warning>,
}

impl Catalog {
    /// Returns a workflow.
    pub fn get(&self, name: &str) -> Option<&CatalogEntry> {
        self.workflows
            .iter()
            .find(|entry| entry.name.as_str() == name)
    }
}

/// Reads which workflows a `.parac` folder has; none where it has no such folder.
pub fn read_catalog(parac: &Path) -> Result<Catalog, ConfigError> {
    let folder = parac.join("workflows");
    let path = folder.join("catalog.yaml");
    let mut source = Source {
        path: &path,
        warnings: Vec::new(),
    };
    let mut workflows: Vec<CatalogEntry> = Vec::new();
    if let Some((_, Some(node))) = files::read(&path)? {
        let mut top = Fields::new(&source, "the catalog", node)?;
        for node in top.list("workflows") {
            let mark = node.mark;
            let entry = entry(&mut source, parac, &folder, node)?;
            if workflows.iter().any(|one| one.name == entry.name) {
                let message = format!(
                    "workflow {} is listed twice; keep one of the two",
                    entry.name
                );
                return Err(source.wrong(mark, message));
            }
            workflows.push(entry);
        }
        for key in [
            "version",
            "schema_version",
            "metadata",
            "description",
            "categories",
        ] {
            drop(top.take(key));
        }
        top.done(&mut source);
    }
    let mut loose = loose(&folder.join("definitions"), &workflows)?;
    workflows.append(&mut loose);
    Ok(Catalog {
        workflows,
        warnings: source.warnings,
    })
}

fn entry(
    source: &mut Source<'_>,
    parac: &Path,
    folder: &Path,
    node: Node,
) -> Result<CatalogEntry, ConfigError> {
    let mut fields = Fields::new(source, "a workflow", node)?;
    let name: At<PlanName> = fields.required(source, "name")?;
    fields.of = format!("workflow {}", name.value);
    let file: At<String> = match fields.text(source, "file")? {
        Some(file) => file,
        None => At {
            value: format!("{}.yaml", name.value),
            mark: name.mark,
        },
    };
    // Catalogs name the file with or without the folder of definitions.
    let definitions = folder.join("definitions");
    let short = file
        .value
        .strip_prefix("definitions/")
        .unwrap_or(&file.value);
    let within = if definitions.join(short).exists() || !folder.join(&file.value).exists() {
        (definitions.as_path(), short)
    } else {
        (folder, file.value.as_str())
    };
    let path = files::named(source, parac, within.0, within.1, file.mark)?;
    let status = fields.words(source, "status")?;
    let entry = CatalogEntry {
        name: name.value,
        file: path,
        description: fields.words(source, "description")?,
        category: fields.words(source, "category")?,
        tags: fields
            .names(source, "tags")?
            .into_iter()
            .map(|tag| tag.value)
            .collect(),
        status: status.filter(|status| status != "active"),
    };
    for key in ["version", "id", "author", "metadata"] {
        drop(fields.take(key));
    }
    fields.done(source);
    Ok(entry)
}

/// Finds definitions that the catalog does not name.
#[expect(
    clippy::disallowed_methods,
    reason = "config is the room that reads what configuration is"
)]
fn loose(definitions: &Path, listed: &[CatalogEntry]) -> Result<Vec<CatalogEntry>, ConfigError> {
    let failed = |source| ConfigError::Read {
        path: definitions.to_owned(),
        source,
    };
    let folder = match std::fs::read_dir(definitions) {
        Ok(folder) => folder,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut loose = Vec::new();
    for file in folder {
        let path = file.map_err(failed)?.path();
        let yaml = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str()?.parse().ok());
        let (true, Some(name)) = (yaml, name) else {
            continue;
        };
        let known = |entry: &CatalogEntry| entry.file == path || entry.name == name;
        if listed.iter().chain(&loose).any(known) {
            continue;
        }
        loose.push(CatalogEntry {
            name,
            file: path,
            description: None,
            category: None,
            tags: Vec::new(),
            status: None,
        });
    }
    loose.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(loose)
}
