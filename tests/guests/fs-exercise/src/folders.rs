//! Folders: made, listed, renamed, removed.

use crate::steps::Steps;
use std::fs;
use std::io;
use std::path::Path;

pub(crate) fn run(s: &mut Steps) {
    s.must("create folder", (), |s| fs::create_dir(&s.folder));
    s.must_fail("create folder that is there", |s| fs::create_dir(&s.folder));
    s.must("create folders", true, |s| {
        fs::create_dir_all(s.at("a/b/c"))?;
        Ok(fs::metadata(s.at("a/b/c"))?.is_dir())
    });
    s.must_fail("create folder without parent", |s| {
        fs::create_dir(s.at("no/such"))
    });
    s.must("list empty folder", Vec::<String>::new(), |s| {
        names(&s.at("a/b/c"))
    });
    s.must(
        "list folder",
        vec!["f".to_owned(), "g".to_owned(), "h".to_owned()],
        |s| {
            fs::write(s.at("a/b/h"), "")?;
            fs::create_dir(s.at("a/b/g"))?;
            fs::rename(s.at("a/b/c"), s.at("a/b/f"))?;
            names(&s.at("a/b"))
        },
    );
    s.must(
        "entry types",
        vec![
            ("f".to_owned(), true),
            ("g".to_owned(), true),
            ("h".to_owned(), false),
        ],
        |s| {
            let mut types = Vec::new();
            for entry in fs::read_dir(s.at("a/b"))? {
                let entry = entry?;
                types.push((
                    entry.file_name().to_string_lossy().into_owned(),
                    entry.file_type()?.is_dir(),
                ));
            }
            types.sort();
            Ok(types)
        },
    );
    s.must_fail("list a file", |s| names(&s.at("a/b/h")));
    s.must_fail("list what is not there", |s| names(&s.at("nothing")));
    s.must("rename folder with content", vec!["deep".to_owned()], |s| {
        fs::write(s.at("a/b/f/deep"), "deep")?;
        fs::rename(s.at("a"), s.at("renamed"))?;
        names(&s.at("renamed/b/f"))
    });
    s.must("content after rename", "deep".to_owned(), |s| {
        fs::read_to_string(s.at("renamed/b/f/deep"))
    });
    s.must_fail("remove folder that is not empty", |s| {
        fs::remove_dir(s.at("renamed"))
    });
    s.must("remove empty folder", false, |s| {
        fs::remove_dir(s.at("renamed/b/g"))?;
        fs::exists(s.at("renamed/b/g"))
    });
    s.must_fail("remove folder as file", |s| {
        fs::remove_file(s.at("renamed"))
    });
    s.must("remove folders", false, |s| {
        fs::remove_dir_all(s.at("renamed"))?;
        fs::exists(s.at("renamed"))
    });
    s.must("many entries", 300, |s| {
        fs::create_dir(s.at("many"))?;
        for i in 0..300 {
            fs::write(s.at(&format!("many/{i}")), i.to_string())?;
        }
        Ok(names(&s.at("many"))?.len())
    });
}

/// The last steps: nothing is left.
pub(crate) fn clear(s: &mut Steps) {
    s.must("remove everything", false, |s| {
        fs::remove_dir_all(&s.folder)?;
        fs::exists(&s.folder)
    });
}

pub(crate) fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
