//! `cargo xtask languages`: guests in other languages than Rust, made by pinned tools, tried on the workspace.
//!
//! A verb of its own, because a Python runtime takes minutes to get, to build and to compile.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo::{host_tests, root, show, target_folder};
use crate::error::{At as _, Error};
use crate::wasm_std;

/// What makes a component of a Python module; the version that the guest is written for.
const COMPONENTIZE_PY: &str = "componentize-py==0.25.0";

/// Makes the guests in `target/languages`, and runs their tests.
pub(crate) fn languages() -> Result<(), Error> {
    wasm_std::provide()?;
    let folder = target_folder().join("languages");
    fs::create_dir_all(&folder).at("make", &folder)?;
    python(&folder)?;
    show(
        host_tests(&["--test", "all"])
            .args(["languages::", "--ignored"])
            .env("PARACLE_LANGUAGES", &folder),
    )
}

fn python(folder: &Path) -> Result<(), Error> {
    let tools = folder.join("python");
    let componentize = tools.join("bin/componentize-py");
    if !componentize.is_file() {
        show(Command::new("python3").args(["-m", "venv"]).arg(&tools))?;
        let mut pip = Command::new(tools.join("bin/pip"));
        // Built ones only: nothing of it is compiled here.
        show(pip.args(["install", "--quiet", "--only-binary=:all:", COMPONENTIZE_PY]))?;
    }
    let mut make = Command::new(componentize);
    make.current_dir(folder).arg("-d").arg(root().join("wit"));
    make.args(["-w", "tool-plugin", "componentize", "files", "-p"]);
    make.arg(root().join("tests/languages"));
    show(make.arg("-o").arg(folder.join("python-files.wasm")))
}
