//! `run` at a terminal: the person who typed the command is asked there.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::{Child, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

use super::env;
use crate::common::TestEnv;

/// The program at a terminal, with its standard output elsewhere.
struct Terminal {
    child: Child,
    screen: File,
    shown: String,
}

impl Terminal {
    fn run(env: &TestEnv, words: &[&str]) -> Self {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap();
        let side: OwnedFd =
            rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let end = || Stdio::from(side.as_fd().try_clone_to_owned().unwrap());
        let mut program = env.program_in("");
        program.args(words).stdin(end()).stderr(end());
        let child = program.stdout(Stdio::piped()).spawn().unwrap();
        Self {
            child,
            screen: File::from(screen),
            shown: String::new(),
        }
    }

    /// Reads until a text is there that was not there before.
    #[track_caller]
    fn until(&mut self, text: &str) {
        let mut piece = [0; 4096];
        loop {
            if let Some(at) = self.shown.find(text) {
                self.shown.drain(..at + text.len());
                return;
            }
            // The other side is closed where the program ended.
            let count = self.screen.read(&mut piece).unwrap_or(0);
            assert!(count > 0, "no {text:?} in {:?}", self.shown);
            self.shown += std::str::from_utf8(&piece[..count]).unwrap();
        }
    }

    fn types(&mut self, text: &str) {
        self.screen.write_all(text.as_bytes()).unwrap();
    }

    /// Waits for the end; returns the code, standard output, and what the terminal showed at last.
    fn end(mut self) -> (Option<i32>, String, String) {
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = self.screen.read(&mut piece) {
            self.shown += std::str::from_utf8(&piece[..count]).unwrap();
        }
        let ended = self.child.wait_with_output().unwrap();
        let out = String::from_utf8(ended.stdout).unwrap();
        (ended.status.code(), out, self.shown)
    }
}

const FORM: [&str; 3] = ["run", "asks__one", "what=form"];

#[test]
fn a_person_at_a_terminal_fills_a_plugins_form_there() {
    let env = env();
    let mut terminal = Terminal::run(&env, &FORM);
    terminal.until("The plugin asks asks: Who are you?");
    terminal.until("name: ");
    terminal.types("Ada\n");
    let (code, out, _) = terminal.end();
    assert_eq!((code, out.trim()), (Some(0), "Hello, Ada!"));
}

#[test]
fn what_does_not_fit_is_asked_again_and_the_end_of_input_declines() {
    let env = env();
    let mut terminal = Terminal::run(&env, &FORM);
    terminal.until("name: ");
    terminal.types("\n");
    terminal.until("this is needed");
    terminal.until("name: ");
    terminal.types("\u{4}");
    let (code, out, _) = terminal.end();
    assert_eq!(
        (code, out.trim()),
        (Some(0), "Hello, nobody, who declined!")
    );
}

#[test]
fn an_address_is_shown_whole_with_its_host_and_the_person_says_whether_they_opened_it() {
    let env = env();
    for (typed, said) in [("y\n", "visited: true"), ("what?\nn\n", "visited: false")] {
        let mut terminal = Terminal::run(&env, &["run", "asks__one", "what=url"]);
        terminal.until("it leads to example.com:");
        terminal.until("https://example.com/in");
        terminal.until("[y/n]");
        terminal.types(typed);
        let (code, out, _) = terminal.end();
        assert_eq!((code, out.trim()), (Some(0), said));
    }
}

#[test]
fn several_rounds_are_asked_one_after_the_other_and_json_stays_json() {
    let env = env();
    let mut terminal = Terminal::run(&env, &["--json", "run", "asks__rounds", "rounds=2"]);
    for (step, name) in [("Step 1", "Ada\n"), ("Step 2", "Bob\n")] {
        terminal.until(step);
        terminal.until("name: ");
        terminal.types(name);
    }
    let (code, out, _) = terminal.end();
    assert_eq!(code, Some(0), "{out}");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert!(document.to_string().contains("Ada, Bob"), "{document}");
}

#[test]
fn progress_stands_in_one_line_of_the_terminal_and_not_on_standard_output() {
    let env = env();
    let (code, out, shown) = Terminal::run(&env, &["run", "asks__tells"]).end();
    assert_eq!((code, out.trim()), (Some(0), "told"));
    assert!(shown.contains("\r\u{1b}[2K"), "{shown:?}");
    assert!(shown.contains("100 %  step 3"), "{shown:?}");
    let piped = env.run(&["run", "asks__tells"]).exits(0).stderr.clone();
    assert!(
        !piped.contains('\u{1b}') && !piped.contains("step 3"),
        "{piped:?}"
    );
}

#[test]
fn a_call_that_waits_for_the_person_ends_when_they_interrupt_it() {
    let env = env();
    let mut terminal = Terminal::run(&env, &FORM);
    terminal.until("name: ");
    let id = i32::try_from(terminal.child.id()).unwrap();
    let id = rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let (code, out, shown) = terminal.end();
    assert_eq!(out, "");
    assert_ne!(code, Some(0), "{shown}");
    assert!(shown.contains("the call is cancelled"), "{shown}");
}

#[test]
fn what_a_plugin_asks_cannot_steer_the_terminal() {
    let env = env();
    let title = "a\u{1b}[2Jb\u{202e}c";
    let mut terminal = Terminal::run(&env, &["run", "asks__entitled", &format!("title={title}")]);
    terminal.until("a\\u{1b}[2Jb\\u{202e}c");
    terminal.until("name: ");
    terminal.types("Ada\n");
    let (code, _, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains('\u{202e}'), "{shown:?}");
}

#[test]
fn in_a_pipe_nobody_is_asked_and_the_plugin_learns_it() {
    let env = env();
    env.run(&FORM).exits(1).says(&["cannot be asked for form"]);
}
