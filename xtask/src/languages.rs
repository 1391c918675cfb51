//! `cargo xtask languages`: guests in other languages than Rust, made by pinned tools, tried on the workspace.
//!
//! A verb of its own, because a Python runtime takes minutes to get, to build and to compile.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo::{cargo, host_tests, root, show, target_folder};
use crate::error::{At as _, Error};
use crate::progress::Progress;
use crate::wasm_std;

/// What makes a component of a Python module; the version that the guest is written for.
const COMPONENTIZE_PY: &str = "componentize-py==0.25.0";

/// What makes bindings for C; the version that the guest is written for, and of which only C is built.
const WIT_BINDGEN: &str = "=0.61.1";

/// Makes the guests in `target/languages`, and runs their tests.
pub(crate) fn languages() -> Result<(), Error> {
    wasm_std::provide()?;
    let folder = target_folder().join("languages");
    fs::create_dir_all(&folder).at("make", &folder)?;
    c(&folder)?;
    python(&folder)?;
    show(
        host_tests(&["--test", "all"])
            .args(["languages::", "--ignored"])
            .env("PARACLE_LANGUAGES", &folder),
    )
}

/// Makes a component and a program of the same steps.
fn c(folder: &Path) -> Result<(), Error> {
    let tools = folder.join("tools");
    let bindgen = tools.join("bin/wit-bindgen");
    if !bindgen.is_file() {
        let mut install = cargo();
        install.args(["install", "--locked", "--quiet", "wit-bindgen-cli"]);
        install.args(["--version", WIT_BINDGEN, "--no-default-features"]);
        install.args(["--features", "c", "--root"]).arg(&tools);
        show(install.env("CARGO_TARGET_DIR", folder.join("tools-build")))?;
    }
    let bindings = folder.join("c-bindings");
    let mut generate = Command::new(bindgen);
    generate.args(["c", "--world", "tool-plugin", "--out-dir"]);
    show(generate.arg(&bindings).arg(root().join("wit")))?;

    let mut progress = Progress::default();
    let compiler = paracle_wasm_target::c_compiler(&folder.join("c-compiler"), &mut |stage| {
        progress.stage(stage);
    })?;
    let sources = root().join("tests/languages/c");
    let options = ["-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"];
    let mut component = compiler.reactor();
    component.args(options).arg("-Wno-unused-parameter");
    component.arg("-I").arg(&bindings);
    for name in ["plugin.c", "steps.c"] {
        component.arg(sources.join(name));
    }
    for name in ["tool_plugin.c", "tool_plugin_component_type.o"] {
        component.arg(bindings.join(name));
    }
    component.arg("-Wl,--strip-all");
    show(component.arg("-o").arg(folder.join("c-files.wasm")))?;

    // What links every Rust program here.
    let mut program = Command::new("cc");
    program.args(options);
    for name in ["main.c", "steps.c"] {
        program.arg(sources.join(name));
    }
    show(program.arg("-o").arg(folder.join("c-steps")))
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
