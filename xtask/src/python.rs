//! Python's packages, pinned, each list of them in a folder of its own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::cargo::{root, show, target_folder};
use crate::error::{At as _, Error};

/// Returns the folder of Python's programs with what a list in `xtask/python` names, which is got where it is not
/// there.
pub(crate) fn provide(name: &str, list: &str) -> Result<PathBuf, Error> {
    let requirements = root().join("xtask/python").join(list);
    let tools = target_folder().join(name);
    // Written last: an installation that was interrupted is made again.
    let done = tools.join("installed.txt");
    let wanted = fs::read(&requirements).at("read", &requirements)?;
    if fs::read(&done).ok().as_ref() != Some(&wanted) {
        show(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&tools),
        )?;
        let mut pip = Command::new(tools.join("bin/pip"));
        // Built ones only: nothing of it is compiled here.
        pip.args(["install", "--quiet", "--only-binary=:all:", "--requirement"]);
        show(pip.arg(&requirements))?;
        fs::write(&done, &wanted).at("write", &done)?;
    }
    Ok(tools.join("bin"))
}
