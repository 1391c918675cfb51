//! Takes without end, until somebody says stop.

use std::hint::black_box;
use std::mem::{ManuallyDrop, forget};

use paracle_plugin_sdk::host::log;
use paracle_plugin_sdk::output::{Content, Output};
use paracle_plugin_sdk::prelude::*;
use wasip2::clocks::monotonic_clock;
use wasip2::filesystem::types::ErrorCode;

use crate::Hostile;
use crate::steps::{make, open, root};

/// Takes.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Take {
    /// What.
    what: String,
}

impl Tool<Hostile> for Take {
    const NAME: &str = "take";
    type Output = Output;

    fn call(self, _: &mut Context<'_, Hostile>) -> Result<Output, ToolError> {
        match self.what.as_str() {
            "calls" => loop {
                black_box(monotonic_clock::now());
            },
            "log" => loop {
                log::info("flood", "a line that nobody wants to read");
            },
            "print" => loop {
                println!("a line that nobody wants to read");
            },
            "log-line" => {
                log::info("flood", "l".repeat(160 << 20));
                Ok(Output::text("said"))
            }
            "pollables" => loop {
                forget(monotonic_clock::subscribe_duration(u64::MAX));
            },
            "handles" => {
                let root = root()?;
                taken(|| open(&root, "README.md").map(forget))
            }
            "streams" => {
                let file = open(&root()?, "README.md").map_err(failed)?;
                taken(|| file.read_via_stream(0).map(forget))
            }
            "files" => {
                let root = root()?;
                let mut n = 0;
                taken(|| {
                    n += 1;
                    make(&root, &format!("file-{n}")).map(drop)
                })
            }
            "bytes" => {
                let root = root()?;
                let chunk = vec![7; 1 << 20];
                let mut n = 0;
                taken(|| {
                    n += 1;
                    // Each a little under the size that one file may have, and then the next.
                    let file = make(&root, &format!("large-{n}"))?;
                    (0..60).try_for_each(|at| file.write(&chunk, at << 20).map(drop))
                })
            }
            "hole" => {
                let file = make(&root()?, "hole").map_err(failed)?;
                file.set_size(10 << 30).map_err(failed)?;
                Ok(Output::text("made"))
            }
            "folders" => {
                let mut here = root()?;
                taken(|| {
                    here.create_directory_at("deeper")?;
                    here = open(&here, "deeper")?;
                    Ok(())
                })
            }
            "echo" => Ok(echo(1 << 20, 1024)),
            what => Err(ToolError::runtime(format!("no such thing to take: {what}"))),
        }
    }
}

/// Takes until it is refused, and says how often it was given.
fn taken(mut take: impl FnMut() -> Result<(), ErrorCode>) -> Result<Output, ToolError> {
    let mut given: u64 = 0;
    loop {
        if let Err(code) = take() {
            return Err(ToolError::runtime(format!(
                "refused with {} after {given}",
                code.name()
            )));
        }
        given += 1;
    }
}

fn failed(code: ErrorCode) -> ToolError {
    ToolError::runtime(format!("refused with {}", code.name()))
}

/// Makes an answer whose texts are all the same bytes: little for the guest, much for whoever copies them.
fn echo(size: usize, times: usize) -> Output {
    let mut text = ManuallyDrop::new("e".repeat(size));
    let content = (0..times)
        // SAFETY: none. The same bytes are owned many times; whoever frees them twice is the guest's own allocator.
        .map(|_| Content::Text(unsafe { String::from_raw_parts(text.as_mut_ptr(), size, size) }))
        .collect();
    Output {
        content,
        structured: None,
    }
}
