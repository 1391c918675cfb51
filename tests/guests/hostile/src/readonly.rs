//! Every route by which a workspace that was granted for reading could be written.

use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};

use crate::steps::{Steps, make, open};

/// Tries to change `README.md`, and what is around it.
pub(crate) fn run(s: &mut Steps, root: &Descriptor) {
    let file = "README.md";
    for rights in [
        DescriptorFlags::WRITE,
        DescriptorFlags::READ | DescriptorFlags::WRITE,
    ] {
        for flags in [
            OpenFlags::empty(),
            OpenFlags::CREATE,
            OpenFlags::TRUNCATE,
            OpenFlags::CREATE | OpenFlags::TRUNCATE,
            OpenFlags::CREATE | OpenFlags::EXCLUSIVE,
        ] {
            let opened = root.open_at(PathFlags::empty(), file, flags, rights);
            s.must_fail(format!("open {flags:?} {rights:?}"), opened);
        }
    }
    let read = DescriptorFlags::READ;
    s.must_fail(
        "truncate by opening",
        root.open_at(PathFlags::empty(), file, OpenFlags::TRUNCATE, read),
    );
    s.must_fail(
        "create by opening",
        root.open_at(PathFlags::empty(), "new", OpenFlags::CREATE, read),
    );
    let mutate = DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY;
    let folder = root.open_at(PathFlags::empty(), "src", OpenFlags::DIRECTORY, mutate);
    if let Ok(folder) = folder {
        s.must_fail("make in a folder opened to change it", make(&folder, "new"));
    }
    s.must_fail("make file", make(root, "new"));
    s.must_fail("make folder", root.create_directory_at("new"));
    s.must_fail("make link", root.symlink_at(file, "new"));
    s.must_fail(
        "make hard link",
        root.link_at(PathFlags::empty(), file, root, "new"),
    );
    s.must_fail("remove file", root.unlink_file_at(file));
    s.must_fail("remove folder", root.remove_directory_at("src"));
    s.must_fail("rename file", root.rename_at(file, root, "new"));
    s.must_fail("rename over", root.rename_at("src/main.rs", root, file));
    s.must_fail("rename folder", root.rename_at("src", root, "new"));
    let now = NewTimestamp::Now;
    s.must_fail(
        "set times",
        root.set_times_at(PathFlags::empty(), file, now, now),
    );
    s.must_fail("set the root's times", root.set_times(now, now));
    if let Some(open) = s.must("open to read", open(root, file)) {
        through(s, &open);
    }
}

/// Tries to write through a descriptor that was opened for reading.
pub(crate) fn through(s: &mut Steps, file: &Descriptor) {
    s.must_fail("write", file.write(b"x", 0));
    s.must_fail("write nothing far away", file.write(b"", u64::MAX));
    s.must_fail("truncate", file.set_size(0));
    s.must_fail("lengthen", file.set_size(1 << 40));
    s.must_fail(
        "set times",
        file.set_times(NewTimestamp::Now, NewTimestamp::Now),
    );
    let streamed = |stream: Result<wasip2::io::streams::OutputStream, ErrorCode>| {
        stream.and_then(|stream| {
            let written = stream.blocking_write_and_flush(b"x");
            written.map_err(|_| ErrorCode::ReadOnly)
        })
    };
    s.must_fail("write by stream", streamed(file.write_via_stream(0)));
    s.must_fail("append by stream", streamed(file.append_via_stream()));
}
