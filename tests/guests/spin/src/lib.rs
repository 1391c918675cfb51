//! A fixture that takes its time, or all of it.

use paracle_plugin_sdk::prelude::*;
use std::hint::black_box;
use std::thread;
use std::time::Duration;

/// Never ends.
#[derive(Deserialize, JsonSchema)]
struct Spin {}

impl Tool for Spin {
    const NAME: &str = "spin";
    type Output = ();

    fn call(self, _: &mut Context) -> Result<(), ToolError> {
        let mut turns: u64 = 0;
        loop {
            turns = black_box(turns.wrapping_add(1));
        }
    }
}

/// Waits.
#[derive(Deserialize, JsonSchema)]
struct Sleep {
    /// For how many milliseconds.
    ms: u64,
}

impl Tool for Sleep {
    const NAME: &str = "sleep";
    type Output = String;

    fn call(self, _: &mut Context) -> Result<String, ToolError> {
        thread::sleep(Duration::from_millis(self.ms));
        Ok(format!("slept {} ms", self.ms))
    }
}

/// Says its argument again.
#[derive(Deserialize, JsonSchema)]
struct Echo {
    /// What to say.
    value: Value,
}

#[derive(Serialize, JsonSchema)]
struct Echoed {
    value: Value,
}

impl Tool for Echo {
    const NAME: &str = "echo";
    const ANNOTATIONS: Annotations = Annotations::READ_ONLY;
    type Output = Json<Echoed>;

    fn call(self, _: &mut Context) -> Result<Json<Echoed>, ToolError> {
        Ok(Json::new(Echoed { value: self.value }))
    }
}

paracle_plugin_sdk::export!(tools: [Spin, Sleep, Echo]);
