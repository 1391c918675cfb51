//! `cargo xtask dist`: what is handed out: the program as an MCPB bundle, and what a registry of servers lists of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cargo::{capture, cargo, show, target_folder};
use crate::error::{At as _, Error};
use crate::node::Node;

const USAGE: &str = "\
`dist` takes `--binary PATH`, a program to bundle instead of a release that is built here, and `--url ADDRESS`, the folder on the web \
that the bundle will be in";

/// One sentence: registries cut at 100 characters.
const DESCRIPTION: &str =
    "Runs tools as sandboxed WebAssembly components; each change lands on a git branch";

/// The names by which clients and registries know it.
const NAME: &str = "paracle-host";
const REGISTRY_NAME: &str = "dev.paracle/paracle-host";

/// The shape that registries read.
const REGISTRY_SCHEMA: &str =
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

/// Makes the bundle and the list's entry in `target/dist`.
pub(crate) fn dist(rest: &[String]) -> Result<(), Error> {
    let (binary, url) = arguments(rest)?;
    let node = Node::provide()?;
    let binary = if let Some(binary) = binary {
        binary
    } else {
        let build = [
            "build",
            "--release",
            "--locked",
            "--package",
            "paracle-host",
        ];
        show(cargo().args(build))?;
        target_folder().join("release/paracle-host")
    };
    let folder = target_folder().join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder).at("remove", &folder)?;
    }
    let bundle = folder.join("bundle");
    let server = bundle.join("server");
    fs::create_dir_all(&server).at("make", &server)?;
    // A copy keeps what makes it executable.
    fs::copy(&binary, server.join(NAME)).at("copy", &binary)?;
    write(&bundle.join("manifest.json"), &manifest())?;

    let tool = "@anthropic-ai/mcpb/dist/cli/cli.js";
    show(
        node.script(tool)
            .arg("validate")
            .arg(bundle.join("manifest.json")),
    )?;
    let packed = folder.join(format!("{NAME}-{}-{}.mcpb", version(), platform()));
    show(node.script(tool).arg("pack").arg(&bundle).arg(&packed))?;
    let digest = digest(&node, &packed)?;
    let name = packed.file_name().unwrap_or_default().to_string_lossy();
    let address = match &url {
        Some(url) => format!("{}/{name}", url.trim_end_matches('/')),
        None => name.clone().into_owned(),
    };
    write(&folder.join("server.json"), &registry(&address, &digest))?;
    println!(
        "{}\n{}",
        packed.display(),
        folder.join("server.json").display()
    );
    if url.is_none() {
        println!(
            "A registry wants the bundle's address in server.json: give its folder by `--url`."
        );
    }
    Ok(())
}

fn arguments(rest: &[String]) -> Result<(Option<PathBuf>, Option<String>), Error> {
    let (mut binary, mut url) = (None, None);
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        match (word.as_str(), words.next()) {
            ("--binary", Some(path)) => binary = Some(PathBuf::from(path)),
            ("--url", Some(address)) => url = Some(address.clone()),
            _ => return Err(Error::Usage(USAGE.to_owned())),
        }
    }
    Ok((binary, url))
}

/// Describes the bundle to a client that installs it.
fn manifest() -> Value {
    json!({
        "manifest_version": "0.3",
        "name": NAME,
        "display_name": "Paracle",
        "version": version(),
        "description": DESCRIPTION,
        "author": { "name": "The paracle-host authors" },
        "license": env!("CARGO_PKG_LICENSE"),
        "server": {
            "type": "binary",
            "entry_point": format!("server/{NAME}"),
            "mcp_config": {
                "command": format!("${{__dirname}}/server/{NAME}"),
                "args": ["--repo", "${user_config.repository}", "mcp", "serve", "--stdio"],
            },
        },
        // What there is depends on the repository's plugins.
        "tools_generated": true,
        "prompts_generated": true,
        "user_config": {
            "repository": {
                "type": "directory",
                "title": "Repository",
                "description": "The git repository to work in; `paracle-host init` prepares it",
                "required": true,
            },
        },
        "compatibility": { "platforms": [if cfg!(target_os = "macos") { "darwin" } else { "linux" }] },
    })
}

/// Describes the bundle to a registry.
fn registry(address: &str, digest: &str) -> Value {
    json!({
        "$schema": REGISTRY_SCHEMA,
        "name": REGISTRY_NAME,
        "title": "Paracle",
        "description": DESCRIPTION,
        "version": version(),
        "packages": [{
            "registryType": "mcpb",
            "identifier": address,
            "version": version(),
            "fileSha256": digest,
            "transport": { "type": "stdio" },
        }],
    })
}

/// Returns the SHA-256 of a file, in hexadecimal.
fn digest(node: &Node, file: &Path) -> Result<String, Error> {
    let script = "process.stdout.write(require('crypto').createHash('sha256').update(require('fs').readFileSync(process.argv[1])).digest('hex'))";
    capture(node.program().args(["-e", script]).arg(file))
}

fn write(path: &Path, value: &Value) -> Result<(), Error> {
    fs::write(path, format!("{value:#}\n")).at("write", path)
}

const fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

fn platform() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registrys_entry_is_within_its_bounds() {
        assert!(DESCRIPTION.len() <= 100);
        assert_eq!(REGISTRY_NAME.matches('/').count(), 1);
        let entry = registry("https://example.com/a.mcpb", &"0".repeat(64));
        assert_eq!(entry["packages"][0]["version"], entry["version"]);
    }

    #[test]
    fn an_unknown_word_is_bad_usage() {
        for words in [&["--fast"][..], &["--url"]] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(arguments(&words).unwrap_err().exit_code(), 2);
        }
    }
}
