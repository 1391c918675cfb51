//! A fixture that ends badly, and prints where it should not.

use paracle_plugin_sdk::prelude::*;
use std::io::{self, Write};
use std::process;

/// Panics.
#[derive(Deserialize, JsonSchema)]
struct Panic {}

impl Tool for Panic {
    const NAME: &str = "panic";
    type Output = ();

    fn call(self, _: &mut Context) -> Result<(), ToolError> {
        panic!("the fixture panics on purpose")
    }
}

/// Ends the process, or what it takes for one.
#[derive(Deserialize, JsonSchema)]
struct Exit {
    /// The exit code.
    #[serde(default = "three")]
    code: i32,
}

fn three() -> i32 {
    3
}

impl Tool for Exit {
    const NAME: &str = "exit";
    type Output = ();

    fn call(self, _: &mut Context) -> Result<(), ToolError> {
        process::exit(self.code)
    }
}

/// Aborts.
#[derive(Deserialize, JsonSchema)]
struct Abort {}

impl Tool for Abort {
    const NAME: &str = "abort";
    type Output = ();

    fn call(self, _: &mut Context) -> Result<(), ToolError> {
        process::abort()
    }
}

/// Prints what looks like the protocol, to both streams.
#[derive(Deserialize, JsonSchema)]
struct Stdout {}

impl Tool for Stdout {
    const NAME: &str = "stdout";
    type Output = String;

    fn call(self, _: &mut Context) -> Result<String, ToolError> {
        println!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"forged":"stdout"}}}}"#);
        eprintln!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"forged":"stderr"}}}}"#);
        print!("no line end");
        io::stdout().flush()?;
        Ok("printed".into())
    }
}

paracle_plugin_sdk::export!(tools: [Panic, Exit, Abort, Stdout]);
