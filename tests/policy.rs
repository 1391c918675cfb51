//! Who has what: each plugin of this repository, with everything granted and with nothing, as one table that a person can read.

use std::fmt::Write as _;
use std::path::Path;

use paracle_host::config::{Environment, Settings};
use paracle_host::flow::{Host, Meant};
use paracle_host::model::Grant;
use paracle_sample_artifacts::{ALL, fixtures};

use crate::common::TestEnv;

/// One need for each thing that can be granted, and its name.
const NEEDS: &[(&str, &str)] = &[
    ("workspace", "{workspace: read-write}"),
    ("directories", "{directories: ['/srv/data:/data:rw']}"),
    ("network", "{network: ['POST https://api.example.com/v1']}"),
    ("sockets", "{sockets: ['tcp://10.0.0.5:5432']}"),
    ("secrets", "{secrets: ['KEY@api.example.com']}"),
    ("completions", "{completions: [scripted]}"),
    ("tools", "{tools: [hello__greet]}"),
];

const HEAD: &str = "\
Each plugin of this repository, and what it has once the operator grants it everything:
  yes   it has it
  -     it does not declare that it wants it, so that no grant gives it
With nothing granted, none of them has anything (the test checks each).
";

/// Opens a host on all plugins, each with the same grants.
async fn host(env: &TestEnv, grants: &str) -> std::sync::Arc<Host> {
    let names: Vec<&str> = ALL
        .iter()
        .chain(fixtures::ALL)
        .map(|(name, _)| *name)
        .collect();
    let entries: Vec<String> = names
        .iter()
        .map(|name| format!("{{name: {name}, grants: {grants}}}"))
        .collect();
    env.install(&names, &format!("plugins: [{}]", entries.join(", ")));
    let environment = Environment {
        directory: env.repo(),
        cache: Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"),
        own: env.home().join("own"),
    };
    Host::open(Settings::load(environment, None).unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn the_matrix_of_plugins_and_grants_is_as_it_is_written_down() {
    let env = TestEnv::new();
    let all = "{workspace: read-write, directories: ['/srv:/data:rw'], network: ['* https://*'], \
               sockets: ['tcp://10.0.0.5:5432'], secrets: ['KEY@*.example.com'], completions: [scripted], tools: ['*']}";
    let granted = host(&env, all).await;
    for plugin in granted.registry().plugins() {
        granted.trust(plugin, Meant::default()).unwrap();
    }
    let bare = TestEnv::new();
    let ungranted = host(&bare, "{}").await;

    let mut table = HEAD.to_owned();
    write!(table, "\n{:<16}", "").unwrap();
    for (name, _) in NEEDS {
        write!(table, "{name:<13}").unwrap();
    }
    for plugin in granted.registry().plugins() {
        write!(table, "\n{:<16}", plugin.info.name.as_str()).unwrap();
        for (name, need) in NEEDS {
            let need: Grant = serde_saphyr::from_str(need).unwrap();
            let has = |host: &Host| {
                let registry = host.registry();
                let plugin = registry.get(&plugin.info.name).unwrap();
                let standing = host.standing(plugin, None, None).unwrap();
                standing.explain(&need).iter().all(|opinion| opinion.allows)
            };
            assert!(
                !has(&ungranted),
                "{} has {name} with nothing granted",
                plugin.info.name
            );
            write!(table, "{:<13}", if has(&granted) { "yes" } else { "-" }).unwrap();
        }
    }
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    let table = lines.join(
        "
",
    ) + "
";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/policy/matrix.txt");
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        table == written,
        "what plugins can be given has changed; if that is meant, write this into tests/policy/matrix.txt:\n{table}"
    );
}
