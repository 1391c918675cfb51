//! A workflow that was killed goes on at the first step that is not done, and comes to the same result.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use super::world::{branch, define, report, world};
use crate::common::TestEnv;

/// Steps of the chain.
const STEPS: usize = 12;

/// A chain of steps, each of which goes on with what the one before gave, beside one that stands alone.
fn chain() -> String {
    let mut text = "inputs: {begin: {type: string, default: x}}\nsteps:\n".to_owned();
    for at in 0..STEPS {
        let before = match at {
            0 => "{{ inputs.begin }}".to_owned(),
            _ => format!("{{{{ steps.s{}.outputs.path }}}}", at - 1),
        };
        writeln!(
            text,
            "  - {{id: s{at}, tool: files__write, outputs: [path], inputs: {{path: 'f{at}.txt', content: 'after {before}'}}}}"
        )
        .unwrap();
        writeln!(
            text,
            "  - {{id: p{at}, tool: files__write, inputs: {{path: 'p{at}.txt', content: '{at}'}}}}"
        )
        .unwrap();
    }
    writeln!(text, "outputs: {{last: steps.s{}.outputs.path}}", STEPS - 1).unwrap();
    text
}

fn tree(env: &TestEnv, done: &Value) -> String {
    let branch = branch(env, &done["execution"]);
    env.git(&["rev-parse", &format!("{branch}^{{tree}}")])
}

fn interrupted(env: &TestEnv) -> Vec<String> {
    let all = env.run(&["execution", "list", "--json"]).exits(0).json();
    let all = all.as_array().unwrap().iter();
    all.filter(|one| one["status"] == "active" && one.get("step_of").is_none())
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn killed_at_any_step_it_goes_on_to_the_same_result() {
    let env = world(&json!([]));
    define(&env, "chain", &chain());
    let whole = report(&env, "workflow:chain", &[]);
    let (wanted, outputs) = (tree(&env, &whole), whole["outputs"].clone());
    let (mut killed, mut before) = (0, 0);
    for at in 1..=12_u64 {
        let mut child = env
            .program_in(".")
            .args(["run", "workflow:chain"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(12 * at));
        child.kill().unwrap();
        child.wait().unwrap();
        for id in interrupted(&env) {
            killed += 1;
            let done = report(&env, "workflow:chain", &["--resume", &id]);
            assert_eq!(done["success"], true, "{done}");
            assert_eq!(done["outputs"], outputs, "{done}");
            assert_eq!(tree(&env, &done), wanted, "{done}");
            let steps = done["steps"].as_array().unwrap();
            before += steps.iter().filter(|step| step["end"] == "before").count();
            let branch = branch(&env, &done["execution"]);
            let count = env.git(&["rev-list", "--count", &format!("main..{branch}")]);
            assert_eq!(count.trim(), (2 * STEPS).to_string());
        }
    }
    assert!(killed > 0, "no run was killed in the middle");
    eprintln!("{killed} were killed in the middle, after {before} steps in all");
    let left = env.run(&["execution", "list", "--json"]).exits(0).json();
    let left = left.as_array().unwrap().iter();
    assert_eq!(left.filter(|one| one.get("step_of").is_some()).count(), 0);
    env.fsck();
}

#[test]
fn one_that_failed_goes_on_once_what_was_wrong_is_mended_and_not_as_another_workflow() {
    let env = world(&json!([]));
    define(
        &env,
        "needs",
        "steps:\n  - {id: one, tool: files__write, inputs: {path: one.txt, content: '1'}}\n  \
         - {id: two, agent: coder, depends_on: [one], config: {model: missing}}\n",
    );
    let failed = super::world::run(&env, "workflow:needs", &["--json"])
        .exits(1)
        .json();
    let id = failed["execution"].as_str().unwrap();
    let text = env.read(".parac/workflows/definitions/needs.yaml");
    define(&env, "needs", &format!("{text}# another\n"));
    super::world::run(&env, "workflow:needs", &["--resume", id])
        .exits(2)
        .says(&["another now", "needs.yaml", "put the file back"]);
    define(&env, "needs", &text);
    let yaml = env.read(".parac/config/plugins.yaml");
    env.write(
        ".parac/config/plugins.yaml",
        &yaml.replace("{\"turns\"", "{\"models\": [\"missing\"], \"turns\""),
    );
    let done = report(&env, "workflow:needs", &["--resume", id]);
    assert_eq!(done["steps"][0]["end"], "before", "{done}");
    assert_eq!(done["steps"][1]["end"], "done", "{done}");
    super::world::run(&env, "workflow:needs", &["--resume", id, "x=1"])
        .exits(2)
        .says(&["has its inputs"]);
}
