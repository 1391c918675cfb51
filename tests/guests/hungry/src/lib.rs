//! A fixture that takes memory.

use paracle_plugin_sdk::prelude::*;
use std::hint::black_box;

/// Takes memory and touches all of it.
#[derive(Deserialize, JsonSchema)]
struct Allocate {
    /// How much, in MiB.
    mib: usize,
}

impl Tool for Allocate {
    const NAME: &str = "allocate";
    type Output = String;

    fn call(self, _: &mut Context) -> Result<String, ToolError> {
        let mut kept = Vec::new();
        for _ in 0..self.mib {
            // Not zero: zeroed memory may never be touched.
            kept.push(black_box(vec![1_u8; 1 << 20]));
        }
        Ok(format!("took {} MiB", kept.len()))
    }
}

paracle_plugin_sdk::export!(tools: [Allocate]);
