//! A fixture that tries one thing with files after the other, and reports what came of it.

use paracle_plugin_sdk::prelude::*;
use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

mod raw;

struct Reach;

impl Plugin for Reach {
    const CAPABILITIES: &[Capability] = &[Capability::FileAccess];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// Tries some things, one after the other.
#[derive(Deserialize, JsonSchema)]
struct Try {
    steps: Vec<Step>,
    /// Fails at the end, as a tool does.
    #[serde(default)]
    fail: bool,
}

/// What is tried.
#[derive(Deserialize, JsonSchema)]
struct Step {
    what: String,
    path: String,
    /// Another path, a link's target, or a content.
    #[serde(default)]
    with: String,
    /// How much.
    #[serde(default)]
    n: u64,
}

/// What came of it.
#[derive(Serialize, JsonSchema)]
struct Outcome {
    ok: bool,
    /// What was found, or the kind of the error.
    detail: String,
    /// The error's number in this guest.
    errno: Option<i32>,
}

#[derive(Serialize, JsonSchema)]
struct Outcomes {
    outcomes: Vec<Outcome>,
}

impl Tool<Reach> for Try {
    const NAME: &str = "try";
    type Output = Json<Outcomes>;

    fn call(self, _: &mut Context<'_, Reach>) -> Result<Json<Outcomes>, ToolError> {
        let mut held = Vec::new();
        let outcomes = self
            .steps
            .iter()
            .map(|step| match attempt(step, &mut held) {
                Ok(detail) => Outcome {
                    ok: true,
                    detail,
                    errno: None,
                },
                Err(error) => Outcome {
                    ok: false,
                    detail: format!("{:?}: {error}", error.kind()),
                    errno: error.raw_os_error(),
                },
            })
            .collect();
        if self.fail {
            return Err(ToolError::Runtime("as it was asked to".to_owned()));
        }
        Ok(Json::new(Outcomes { outcomes }))
    }
}

fn attempt(step: &Step, held: &mut Vec<File>) -> io::Result<String> {
    let (path, with) = (Path::new(&step.path), step.with.as_str());
    let mut done = String::new();
    match step.what.as_str() {
        "read" => done = fs::read_to_string(path)?,
        "list" => {
            let mut names: Vec<_> = fs::read_dir(path)?
                .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                .collect::<io::Result<_>>()?;
            names.sort();
            done = names.join(" ");
        }
        "stat" => done = described(&fs::metadata(path)?),
        "lstat" => done = described(&fs::symlink_metadata(path)?),
        "readlink" => done = fs::read_link(path)?.to_string_lossy().into_owned(),
        "write" => fs::write(path, with)?,
        "fill" => {
            let mut file = File::create(path)?;
            for _ in 0..step.n {
                file.write_all(&[b'.'; 4096])?;
            }
        }
        "count" => {
            let (mut file, mut buffer, mut count) = (File::open(path)?, vec![0; 65536], 0);
            loop {
                match file.read(&mut buffer)? {
                    0 => break,
                    more => count += more,
                }
            }
            done = count.to_string();
        }
        "append" => OpenOptions::new()
            .append(true)
            .open(path)?
            .write_all(with.as_bytes())?,
        "overwrite" => OpenOptions::new()
            .write(true)
            .open(path)?
            .write_all(with.as_bytes())?,
        "create-new" => drop(File::create_new(path)?),
        "truncate-reading" => raw::open(&step.path, raw::READ | raw::TRUNCATE)?,
        "create-reading" => raw::open(&step.path, raw::READ | raw::CREATE)?,
        "truncate-writing" => raw::open(&step.path, raw::WRITE | raw::TRUNCATE)?,
        "open-no-follow" => raw::open(&step.path, raw::READ | raw::NO_FOLLOW)?,
        "open-directory" => raw::open(&step.path, raw::READ | raw::DIRECTORY)?,
        "write-what-is-open-for-reading" => File::open(path)?.write_all(with.as_bytes())?,
        "set-size" => OpenOptions::new().write(true).open(path)?.set_len(step.n)?,
        "set-size-reading" => File::open(path)?.set_len(step.n)?,
        "set-times" => {
            let then = SystemTime::UNIX_EPOCH + Duration::from_secs(step.n);
            File::open(path)?.set_times(FileTimes::new().set_modified(then).set_accessed(then))?;
        }
        "set-times-at" => raw::set_times(&step.path, step.n)?,
        "modified" => {
            let modified = fs::symlink_metadata(path)?.modified()?;
            let since = modified.duration_since(SystemTime::UNIX_EPOCH);
            done = since.unwrap_or_default().as_secs().to_string();
        }
        "make-directory" => fs::create_dir(path)?,
        "remove-directory" => fs::remove_dir(path)?,
        "remove" => fs::remove_file(path)?,
        "rename" => fs::rename(path, with)?,
        "hard-link" => fs::hard_link(path, with)?,
        // The link is at `path`.
        "symbolic-link" => raw::symlink(with, &step.path)?,
        "hold" => {
            for _ in 0..step.n {
                held.push(File::open(path)?);
            }
        }
        "read-held" => {
            let mut text = String::new();
            let mut file = held.pop().ok_or(io::ErrorKind::InvalidInput)?;
            file.read_to_string(&mut text)?;
            done = text;
        }
        "spin" => loop {
            std::hint::black_box(());
        },
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    }
    Ok(done)
}

fn described(meta: &fs::Metadata) -> String {
    let kind = if meta.is_dir() {
        "directory"
    } else if meta.is_file() {
        "file"
    } else if meta.is_symlink() {
        "link"
    } else {
        "other"
    };
    format!("{kind} {}", if meta.is_dir() { 0 } else { meta.len() })
}

paracle_plugin_sdk::export!(tools: [Try], plugin: Reach);
