//! What is wrong in a file is told with its file, line and column, and what to do.

use serde_json::json;

use super::world::{define, world};

/// Each wrong text, and what is said of it.
const WRONG: &[(&str, &[&str])] = &[
    (
        "steps:\n  - {id: a, agent: nobody}\n",
        &["w.yaml:2:20", "nobody", "coder, reviewer"],
    ),
    (
        "steps:\n  - {id: a, tool: files__fly}\n",
        &["w.yaml:2:19", "files__fly", "plugin list"],
    ),
    (
        "steps:\n  - {id: a}\n",
        &["w.yaml:2:5", "who does it", "agent: NAME"],
    ),
    ("steps:\n  - {agent: coder}\n", &["w.yaml:2:5", "no `id`"]),
    (
        "steps:\n  - {id: a, agent: coder}\n  - {id: a, agent: coder}\n",
        &["w.yaml:3:5", "line 2", "another `id`"],
    ),
    (
        "steps:\n  - {id: a, agent: coder, depends_on: [b]}\n",
        &["w.yaml:2:5", "depends on b", "there are: a"],
    ),
    (
        "steps:\n  - {id: a, agent: coder, depends_on: [c]}\n  - {id: b, agent: coder, depends_on: [a]}\n  - {id: c, agent: coder, depends_on: [b]}\n",
        &["w.yaml:2:5", "a → c → b → a", "depends_on"],
    ),
    (
        "steps:\n  - id: a\n    agent: coder\n    inputs: {x: '{{ inputs.y }}'}\n",
        &["w.yaml:4:17", "no input \"y\""],
    ),
    (
        "steps:\n  - {id: b, agent: coder, outputs: [one]}\n  - id: a\n    agent: coder\n    inputs: {x: '{{ steps.b.outputs.two }}'}\n",
        &["w.yaml:5:17", "step b has no output \"two\"", "one"],
    ),
    (
        "steps:\n  - id: a\n    agent: coder\n    inputs: {x: '{{ inputs. }}'}\n",
        &["w.yaml:4:17", "step a"],
    ),
    (
        "steps:\n  - {id: a, agent: coder, timeout: soon}\n",
        &["w.yaml:2:36", "timeout", "whole number"],
    ),
    (
        "inputs: {n: {type: integer, default: x}}\nsteps:\n  - {id: a, agent: coder}\n",
        &["w.yaml:1:38", "default", "integer"],
    ),
    ("steps: [}\n", &["w.yaml:1:"]),
    ("", &["w.yaml:1:1", "says nothing"]),
];

#[test]
fn a_wrong_workflow_is_told_with_its_place_and_the_mend() {
    let env = world(&json!([]));
    for (text, words) in WRONG {
        define(&env, "w", text);
        let output = env.run(&["workflow", "check", "w"]).exits(2);
        for word in *words {
            assert!(
                output.stdout.contains(word),
                "{word:?} of {text}: {output:?}"
            );
        }
    }
}

#[test]
fn a_wrong_manifest_is_told_with_its_place_and_the_mend() {
    let env = world(&json!([]));
    let path = env.outside("secret.md");
    std::fs::write(&path, "secret words").unwrap();
    std::os::unix::fs::symlink(&path, env.repo().join(".parac/agents/specs/link.md")).unwrap();
    for (text, words) in [
        (
            "agents:\n  - {name: a}\n",
            &["manifest.yaml:2:5", "no `id`"][..],
        ),
        (
            "agents:\n  - {id: a}\n  - {id: a}\n",
            &["manifest.yaml:3:5", "twice", "line 2"],
        ),
        (
            "agents:\n  - {id: a, spec_file: specs/none.md}\n",
            &["manifest.yaml:2:24", "none.md"],
        ),
        (
            "agents:\n  - {id: a, spec_file: ../../../x.md}\n",
            &["manifest.yaml:2:24", "leads out"],
        ),
        (
            "agents:\n  - {id: a, spec_file: specs/link.md}\n",
            &["manifest.yaml:2:24", "is a link"],
        ),
        (
            "agents:\n  - {id: a, temperature: hot}\n",
            &["manifest.yaml:2:26", "a number from 0 to 2"],
        ),
        (
            "agents:\n  - {id: a, temperature: 1, temperature: 2}\n",
            &["manifest.yaml:2:", "temperature"],
        ),
    ] {
        env.write(".parac/agents/manifest.yaml", text);
        let output = env.run(&["agent", "list"]).exits(2).says(words);
        assert!(!output.stderr.contains("secret words"), "{output:?}");
    }
}

#[test]
fn keys_that_are_not_known_are_warnings_with_their_place_and_hinder_nothing() {
    let env = world(&json!([{"say": "done"}]));
    define(
        &env,
        "w",
        "x-own: 1\nsteps:\n  - {id: a, agent: coder, colour: blue}\n",
    );
    let output = env.run(&["workflow", "check"]).exits(0);
    assert!(output.stdout.contains("w: it can run"), "{output:?}");
    for words in ["w.yaml:1:1: `x-own`", "w.yaml:3:27: `colour` of step a"] {
        assert!(output.stderr.contains(words), "{words}: {output:?}");
    }
    env.run(&["run", "workflow:w"]).exits(0);
}
