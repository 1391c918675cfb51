//! Tools that tell something while they run: lines of a log, how far they are, that a list is another now.

use std::thread::sleep;
use std::time::Duration;

use paracle_plugin_sdk::host::{changes, log, progress};
use paracle_plugin_sdk::output::Output;
use paracle_plugin_sdk::tool::ToolError;

use crate::tools;

/// What the suite asks for between two notices.
const PAUSE: Duration = Duration::from_millis(50);

tools! {
    "Writes three lines of a log." Logging "test_tool_with_logging" => logging;
    "Writes one line of a log." LoggingOnce "test_logging_tool" => logging_once;
    "Says how far it is, three times." Progress "test_tool_with_progress" => with_progress;
    "Answers after a moment, for a client that lost its connection." Reconnection "test_reconnection" => reconnection;
    "Says that the list of tools is another." ToolChange "test_trigger_tool_change" => tool_change;
    "Says that the list of prompts is another." PromptChange "test_trigger_prompt_change" => prompt_change;
}

fn logging() -> Result<Output, ToolError> {
    log::info("test_tool_with_logging", "Tool execution started");
    sleep(PAUSE);
    log::info("test_tool_with_logging", "Tool processing data");
    sleep(PAUSE);
    log::info("test_tool_with_logging", "Tool execution completed");
    Ok(Output::text("Tool with logging executed successfully"))
}

fn logging_once() -> Result<Output, ToolError> {
    log::info("test_logging_tool", "A line for whoever asked for lines");
    Ok(Output::text("Logged"))
}

fn with_progress() -> Result<Output, ToolError> {
    for done in [0, 50, 100] {
        progress::report(done, Some(100), "");
        if done < 100 {
            sleep(PAUSE);
        }
    }
    Ok(Output::text("Tool with progress executed successfully"))
}

fn reconnection() -> Result<Output, ToolError> {
    sleep(PAUSE * 2);
    Ok(Output::text("Reconnection test completed"))
}

fn tool_change() -> Result<Output, ToolError> {
    changes::tools();
    Ok(Output::text("The tools are announced"))
}

fn prompt_change() -> Result<Output, ToolError> {
    changes::prompts();
    Ok(Output::text("The prompts are announced"))
}
