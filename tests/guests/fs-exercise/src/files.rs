//! Files: opened in every way, read, written, cut, moved.

use crate::steps::Steps;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};

pub(crate) fn run(s: &mut Steps) {
    s.must("write and read", "hello".to_owned(), |s| {
        fs::write(s.at("f"), "hello")?;
        fs::read_to_string(s.at("f"))
    });
    s.must("size", 5, |s| Ok(fs::metadata(s.at("f"))?.len()));
    s.must("is a file", (true, false, false), |s| {
        let meta = fs::symlink_metadata(s.at("f"))?;
        Ok((meta.is_file(), meta.is_dir(), meta.is_symlink()))
    });
    s.must("modified time", true, |s| {
        Ok(fs::metadata(s.at("f"))?.modified().is_ok())
    });
    s.must_fail("read what is not there", |s| fs::read(s.at("nothing")));
    s.must_fail("read a folder", |s| fs::read(&s.folder));
    s.must("create cuts", 0, |s| {
        drop(File::create(s.at("f"))?);
        Ok(fs::metadata(s.at("f"))?.len())
    });
    s.must("create new", "new".to_owned(), |s| {
        File::create_new(s.at("new"))?.write_all(b"new")?;
        fs::read_to_string(s.at("new"))
    });
    s.must_fail("create new where one is", |s| File::create_new(s.at("new")));
    s.must_fail("create without parent", |s| File::create(s.at("no/such")));
    s.must("append", "new and more, and more".to_owned(), |s| {
        let mut file = OpenOptions::new().append(true).open(s.at("new"))?;
        file.write_all(b" and more")?;
        file.write_all(b", and more")?;
        fs::read_to_string(s.at("new"))
    });
    s.must("append makes the file", "first".to_owned(), |s| {
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(s.at("log"))?
            .write_all(b"first")?;
        fs::read_to_string(s.at("log"))
    });
    s.must("seek and overwrite", "abXYef".to_owned(), |s| {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(s.at("seek"))?;
        file.write_all(b"abcdef")?;
        file.seek(SeekFrom::Start(2))?;
        file.write_all(b"XY")?;
        file.seek(SeekFrom::Start(0))?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(text)
    });
    s.must("seek from the end", "ef".to_owned(), |s| {
        let mut file = File::open(s.at("seek"))?;
        file.seek(SeekFrom::End(-2))?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(text)
    });
    s.must("write past the end", b"abXYef\0\0!".to_vec(), |s| {
        let mut file = OpenOptions::new().write(true).open(s.at("seek"))?;
        file.seek(SeekFrom::Start(8))?;
        file.write_all(b"!")?;
        fs::read(s.at("seek"))
    });
    s.must("cut", "ab".to_owned(), |s| {
        OpenOptions::new()
            .write(true)
            .open(s.at("seek"))?
            .set_len(2)?;
        fs::read_to_string(s.at("seek"))
    });
    s.must("grow", b"ab\0\0".to_vec(), |s| {
        OpenOptions::new()
            .write(true)
            .open(s.at("seek"))?
            .set_len(4)?;
        fs::read(s.at("seek"))
    });
    s.must("sync", (), |s| {
        let file = OpenOptions::new().write(true).open(s.at("seek"))?;
        file.sync_data()?;
        file.sync_all()
    });
    s.must_fail("write to what is open for reading", |s| {
        File::open(s.at("seek"))?.write(b"x")
    });
    s.must(
        "rename",
        ("new and more, and more".to_owned(), false),
        |s| {
            fs::rename(s.at("new"), s.at("moved"))?;
            Ok((fs::read_to_string(s.at("moved"))?, fs::exists(s.at("new"))?))
        },
    );
    s.must("rename replaces", "first".to_owned(), |s| {
        fs::rename(s.at("log"), s.at("moved"))?;
        fs::read_to_string(s.at("moved"))
    });
    s.must_fail("rename what is not there", |s| {
        fs::rename(s.at("nothing"), s.at("x"))
    });
    s.must("copy", "first".to_owned(), |s| {
        fs::copy(s.at("moved"), s.at("copy"))?;
        fs::read_to_string(s.at("copy"))
    });
    s.must("remove", false, |s| {
        fs::remove_file(s.at("copy"))?;
        fs::exists(s.at("copy"))
    });
    s.must_fail("remove what is not there", |s| {
        fs::remove_file(s.at("nothing"))
    });
    s.must("large file", (3 << 20, 7), |s| {
        fs::write(s.at("large"), vec![7; 3 << 20])?;
        let bytes = fs::read(s.at("large"))?;
        Ok((bytes.len(), bytes[bytes.len() - 1]))
    });
    s.must("names that are not plain", vec![true; 3], |s| {
        let names = ["with space", "Ünïcödé", ".hidden"];
        names
            .iter()
            .map(|name| fs::write(s.at(name), name).map(|()| s.at(name).is_file()))
            .collect()
    });
    s.must("dots inside the tree", "first".to_owned(), |s| {
        fs::read_to_string(s.at("./many/../moved"))
    });
}
