//! Making a folder ready: `.parac` with its configuration, and the samples with the grants that they need.

#![expect(
    clippy::disallowed_methods,
    reason = "making the folder is writing its files"
)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A plugin that travels inside the program.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Its name.
    pub name: &'static str,
    /// Its component.
    pub bytes: &'static [u8],
    /// The grants that it needs, as lines of its entry in `plugins.yaml`; empty if none.
    pub grants: &'static str,
}

/// What was made, and what was there already.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Initialised {
    /// Files that were written.
    pub written: Vec<PathBuf>,
    /// Files that were there and were left as they are.
    pub kept: Vec<PathBuf>,
    /// The grants that were written, each as `plugin: grant`.
    pub granted: Vec<String>,
    /// Entries of samples that an existing `plugins.yaml` lacks, as YAML to be added by hand.
    pub missing: Option<String>,
}

/// Why a folder could not be made ready.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct InitError {
    path: PathBuf,
    source: io::Error,
}

/// Makes `.parac` in a folder. What is there already is kept: running it twice changes nothing.
pub fn init(folder: &Path, samples: &[Sample]) -> Result<Initialised, InitError> {
    let parac = folder.join(".parac");
    let mut done = Initialised::default();
    let plugins = parac.join("plugins");
    let config = parac.join("config");
    for folder in [&plugins, &config] {
        fs::create_dir_all(folder).map_err(|source| InitError {
            path: folder.clone(),
            source,
        })?;
    }
    for sample in samples {
        write_new(
            &plugins.join(format!("{}.wasm", sample.name)),
            sample.bytes,
            &mut done,
        )?;
    }
    let entries: String = samples.iter().map(entry).collect();
    let file = config.join("plugins.yaml");
    let empty = format!("{HEADER}plugins: []\n");
    let text = if entries.is_empty() {
        empty.clone()
    } else {
        format!("{HEADER}plugins:\n{entries}")
    };
    // A list that nobody touched since it was made without samples is not a person's work yet.
    let untouched = fs::read(&file).is_ok_and(|found| found == empty.as_bytes());
    let existed = file.exists() && !untouched;
    if untouched && text != empty {
        fs::write(&file, text).map_err(|source| InitError {
            path: file.clone(),
            source,
        })?;
        done.written.push(file.clone());
    } else {
        write_new(&file, text.as_bytes(), &mut done)?;
    }
    if existed {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let missing: String = samples
            .iter()
            .filter(|sample| !text.contains(&format!("name: {}", sample.name)))
            .map(entry)
            .collect();
        done.missing = (!missing.is_empty()).then_some(missing);
    } else {
        done.granted = samples
            .iter()
            .filter(|sample| !sample.grants.is_empty())
            .map(|sample| format!("{}: {}", sample.name, sample.grants))
            .collect();
    }
    Ok(done)
}

/// Makes `config/git.yaml` in a `.parac` folder, with the defaults as comments. A file that is there is kept.
pub fn init_workflow(parac: &Path) -> Result<Initialised, InitError> {
    let mut done = Initialised::default();
    let config = parac.join("config");
    fs::create_dir_all(&config).map_err(|source| InitError {
        path: config.clone(),
        source,
    })?;
    write_new(&config.join("git.yaml"), GIT.as_bytes(), &mut done)?;
    Ok(done)
}

const GIT: &str = "\
# How executions begin and end. What is commented out is the default.
# base_branch: main     # where executions start from and merge to; without it, the branch that HEAD is on
# auto_merge: false     # true merges each successful execution at its end
# auto_cleanup: true    # false keeps an execution's branch after its merge
# strategy: merge       # or squash, rebase: what a merge leaves on the target
# protect: []           # branches that only a person's own word merges to, such as [main, 'release/*']
# checks: []            # what has to pass before a merge: {tool: plugin__tool}, {command: [PROGRAM, ARGUMENT]}
# enable_branching: true
# auto_commit: true     # false tells what a call changed, and gives it up
";

const HEADER: &str = "\
# Which plugins this project runs, and what each may do. Nothing is granted by default.
#   - name: NAME            # as the plugin calls itself
#     enabled: true
#     path: ../NAME.wasm    # only for a component outside of .parac/plugins
#     config: {}
#     grants: { workspace: read-write, tools: [files__read], completions: [PROVIDER] }
#     limits: { memory_mib: 256, time_ms: 30000 }   # docs/configuration.md has all of them
";

fn entry(sample: &Sample) -> String {
    if sample.grants.is_empty() {
        format!("  - name: {}\n", sample.name)
    } else {
        format!(
            "  - name: {}\n    grants: {{ {} }}\n",
            sample.name, sample.grants
        )
    }
}

/// Writes a file unless there is one.
fn write_new(path: &Path, bytes: &[u8], done: &mut Initialised) -> Result<(), InitError> {
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| io::Write::write_all(&mut file, bytes));
    match written {
        Ok(()) => done.written.push(path.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            done.kept.push(path.to_owned());
        }
        Err(source) => {
            return Err(InitError {
                path: path.to_owned(),
                source,
            });
        }
    }
    Ok(())
}
