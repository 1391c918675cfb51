//! `plugins.yaml` and `git.yaml`: any bytes are settings, or an error with a place.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use paracle_host::config::{ConfigError, Environment, Settings};

/// Reads the bytes as both files, as the program does: from the disk.
pub fn check(data: &[u8]) {
    // A folder for each thread: several may check at once.
    thread_local! {
        static FOLDER: OnceLock<tempfile::TempDir> = const { OnceLock::new() };
    }
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| tempfile::tempdir().expect("a temporary folder"));
        for file in ["plugins.yaml", "git.yaml"] {
            let path = folder.path().join(".parac/config").join(file);
            let config = path.parent().expect("it was joined");
            drop(fs::remove_dir_all(config));
            fs::create_dir_all(config).expect("the folder is ours");
            fs::write(&path, data).expect("the folder is ours");
            let environment = Environment {
                directory: folder.path().to_owned(),
                cache: PathBuf::from("/nowhere"),
                own: PathBuf::from("/nowhere"),
            };
            let first = Settings::load(environment.clone(), None);
            match &first {
                Ok(settings) => check_settings(settings),
                Err(error) => check_error(error, file, data),
            }
            // Nothing depends on anything but the bytes.
            let again = Settings::load(environment, None);
            assert_eq!(format!("{first:?}"), format!("{again:?}"));
        }
    });
}

fn check_settings(settings: &Settings) {
    for (index, entry) in settings.plugins.iter().enumerate() {
        assert!(entry.line > 0);
        let found = settings.entry(&entry.name).expect("it is listed");
        assert_eq!(found.line, entry.line, "a name twice");
        assert!(index < 1 << 20);
    }
}

fn check_error(error: &ConfigError, file: &str, data: &[u8]) {
    let text = error.to_string();
    assert!(text.contains(file), "{text}");
    if let ConfigError::Content {
        line,
        column,
        message,
        ..
    } = error
    {
        let lines = data
            .iter()
            .filter(|byte| matches!(byte, b'\n' | b'\r'))
            .count() as u64
            + 1;
        assert!(
            (1..=lines + 1).contains(line),
            "line {line} of {lines}: {text}"
        );
        assert!(*column >= 1, "{text}");
        assert!(!message.trim().is_empty(), "{text}");
    }
}
