//! Streams that break off, or come a byte at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::world::{Said, World, asks, config, hello};

/// Returns a short answer in the wire format of a provider.
fn stream(provider: &str) -> &'static str {
    match provider {
        "openai" => concat!(
            "data: {\"choices\":[{\"delta\":{\"content\":\"h\u{e9}\"}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"t\",\"arguments\":\"{}\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n",
            "data: [DONE]\n\n",
        ),
        "anthropic" => concat!(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":1}}}\n\n",
            "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"h\u{e9}\"}}\n\n",
            "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"t\"}}\n\n",
            "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":2}}\n\n",
            "data: {\"type\":\"message_stop\"}\n\n",
        ),
        "ollama" => concat!(
            "{\"message\":{\"content\":\"h\u{e9}\"},\"done\":false}\n",
            "{\"message\":{\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"t\",\"arguments\":{}}}]},\"done\":false}\n",
            "{\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":1,\"eval_count\":2}\n",
        ),
        other => panic!("there is no {other}"),
    }
}

/// What is left of an answer where its stream ends after so many bytes: an error, or the whole. Returns how many were
/// whole.
fn check(provider: &'static str) -> usize {
    let cut = Arc::new(AtomicUsize::new(usize::MAX));
    let now = cut.clone();
    let world = World::new(
        provider,
        config(provider),
        &json!({"retries": 0}),
        move |_, out| {
            let all = stream(provider).as_bytes();
            let said = Said {
                status: 200,
                headers: Vec::new(),
                body: String::new(),
            };
            said.head(out)?;
            match now.load(Ordering::SeqCst) {
                usize::MAX => all.chunks(1).try_for_each(|byte| {
                    out.write_all(byte)?;
                    out.flush()
                }),
                cut => out.write_all(&all[..cut]),
            }
        },
    );
    let mut mcp = world.env.mcp();
    mcp.initialize();
    let whole = json!({
        "content": [{"text": "h\u{e9}"}, {"call": ["c", "t", "{}"]}],
        "model": "small", "finish": "ToolCalls", "usage": [1, 2, 3],
    });
    assert_eq!(
        asks(&mut mcp, &hello(provider, true)),
        whole,
        "a byte at a time"
    );
    let mut wholes = 0;
    for end in 0..=stream(provider).len() {
        cut.store(end, Ordering::SeqCst);
        let answer: Value = asks(&mut mcp, &hello(provider, true));
        if answer["error"] == "Connection" {
            continue;
        }
        wholes += 1;
        let mut answer = answer;
        if provider == "openai" && answer["usage"] == json!([0, 0, 0]) {
            // Its last event says how many tokens; all else is there.
            answer["usage"] = json!([1, 2, 3]);
        }
        assert_eq!(answer, whole, "{provider} ended after {end} bytes");
    }
    wholes
}

#[test]
fn a_stream_of_openai_that_ends_at_any_byte_is_an_error_or_whole() {
    // From the end of the event that says why it ended.
    let tail = stream("openai").rfind("data: {\"choices\":[],").unwrap();
    assert_eq!(check("openai"), stream("openai").len() - tail + 1);
}

#[test]
fn a_stream_of_anthropic_that_ends_at_any_byte_is_an_error_or_whole() {
    assert_eq!(check("anthropic"), 1);
}

#[test]
fn a_stream_of_ollama_that_ends_at_any_byte_is_an_error_or_whole() {
    // The last line is whole with or without its end.
    assert_eq!(check("ollama"), 2);
}
