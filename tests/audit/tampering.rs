//! What is noticed of those who change the journal.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::journal::{
    ANCHOR, JOURNAL, check_intact, check_wrong, env, greet, lines, of_kind, records, write,
};
use crate::common::TestEnv;

#[test]
fn editing_a_record_is_detected() {
    let env = env();
    let good = lines(&env);
    check_intact(&env, 6);
    for line in 0..good.len() {
        let mut edited = good.clone();
        edited[line] = edited[line].replace("hello__greet", "files__write");
        write(&env, &edited);
        check_wrong(&env, line + 1, "edited");
        edited[line] = "not JSON".to_owned();
        write(&env, &edited);
        check_wrong(&env, line + 1, "edited");
    }
    write(&env, &good);
    check_intact(&env, 6);
}

#[test]
fn a_chain_made_anew_is_detected() {
    let env = env();
    // As somebody would do it who knows the form and has no key.
    let mut prev = Value::Null;
    let lines: Vec<String> = records(&env)
        .into_iter()
        .map(|mut record| {
            record["tool"] = json!("hello__wave");
            record["prev"] = prev.clone();
            let line = record.to_string();
            prev = json!(format!("sha256:{}", sha256(&env, line.as_bytes())));
            line
        })
        .collect();
    write(&env, &lines);
    check_wrong(&env, 1, "edited");
}

#[test]
fn cutting_records_out_is_detected() {
    let env = env();
    let good = lines(&env);
    for first in 0..good.len() - 1 {
        for last in first..good.len() - 1 {
            let mut cut = good.clone();
            cut.drain(first..=last);
            write(&env, &cut);
            check_wrong(&env, first + 1, "cut");
        }
    }
}

#[test]
fn reordering_records_is_detected() {
    let env = env();
    let good = lines(&env);
    for line in 0..good.len() - 1 {
        let mut swapped = good.clone();
        swapped.swap(line, line + 1);
        write(&env, &swapped);
        check_wrong(&env, line + 1, "reordered");
    }
    let mut twice = good.clone();
    twice.insert(3, good[2].clone());
    write(&env, &twice);
    check_wrong(&env, 4, "reordered");
}

#[test]
fn cutting_the_tail_is_detected() {
    let env = env();
    let good = lines(&env);
    for left in 1..good.len() {
        write(&env, &good[..left]);
        check_wrong(&env, left + 1, "tail-missing");
    }
    fs::remove_file(env.repo().join(JOURNAL)).unwrap();
    check_wrong(&env, 1, "tail-missing");
    // And who goes on after it does not wash it away.
    write(&env, &good[..4]);
    greet(&env, "Dee");
    check_wrong(&env, 5, "tail-missing");
    assert_eq!(of_kind(&env, "mended")[0]["records"], 2);
}

#[test]
fn an_anchor_that_is_gone_or_not_ours_is_detected() {
    let env = env();
    let anchor = env.read(ANCHOR);
    env.write(ANCHOR, &anchor.replace("\"seq\":6", "\"seq\":4"));
    check_wrong(&env, 7, "anchor");
    fs::remove_file(env.repo().join(ANCHOR)).unwrap();
    check_wrong(&env, 7, "anchor");
    greet(&env, "Dee");
    check_wrong(&env, 7, "anchor");
}

#[test]
fn an_anchor_that_is_cut_off_is_detected() {
    let env = env();
    let anchor = env.read(ANCHOR);
    for left in [0, 1, anchor.len() / 2, anchor.len() - 2] {
        env.write(ANCHOR, &anchor[..left]);
        check_wrong(&env, 7, "anchor");
    }
}

#[test]
fn a_journal_that_ends_as_its_anchor_says_and_has_another_length_is_detected() {
    let env = env();
    let whole = env.read(JOURNAL);
    let torn = "{\"seq\":7,";
    env.write(JOURNAL, &(whole.clone() + torn));
    greet(&env, "Dee");
    check_intact(&env, 9);
    // The evidence of a crash is gone, and all records are there.
    let mended = env.read(JOURNAL);
    env.write(JOURNAL, &mended.replace(&format!("{torn}\n"), ""));
    check_wrong(&env, 7, "edited");
    // Another line that says the same has another digest; one that is a digit shorter is no evidence either.
    env.write(JOURNAL, &mended.replace(torn, "{\"seq\":"));
    check_wrong(&env, 7, "edited");
    env.write(JOURNAL, &mended);
    check_intact(&env, 9);
}

#[test]
fn a_record_of_somebody_without_the_key_is_detected() {
    let env = env();
    let mut lines = lines(&env);
    let mut forged = records(&env)[5].clone();
    forged["seq"] = json!(7);
    forged["prev"] = json!(format!("sha256:{}", sha256(&env, lines[5].as_bytes())));
    lines.push(forged.to_string());
    write(&env, &lines);
    check_wrong(&env, 7, "edited");
    forged.as_object_mut().unwrap().remove("mac");
    lines[6] = forged.to_string();
    write(&env, &lines);
    check_wrong(&env, 7, "unverified");
}

fn sha256(env: &TestEnv, bytes: &[u8]) -> String {
    env.write_bytes("hashed", bytes);
    let output = Command::new("sha256sum")
        .arg(env.repo().join("hashed"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

#[test]
fn a_pipe_in_the_place_of_the_journal_or_of_its_anchor_holds_nobody_up() {
    for place in [JOURNAL, ANCHOR] {
        let env = env();
        let path = env.repo().join(place);
        fs::remove_file(&path).unwrap();
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        env.run(&["audit", "verify"]).exits(2).says(&["is no file"]);
        env.run(&["run", "hello__greet", "name=x"]).exits(0);
    }
}
