//! Tests of the conversion: what a client reads.

use serde_json::{Value, json};

use super::*;
use crate::flow::CallError;
use crate::model::{
    Annotations, CallId, Capability, Content, Denied, Digest, Edit, EditKind, ExecutionId, Grant,
    Party, ResourceBody, ToolError, ToolInfo, Usage, Wall,
};

fn receipt(reply: Result<Output, ToolError>, changed: Option<&[&str]>) -> Receipt {
    Receipt {
        call: CallId::generate(),
        plugin: name("files"),
        version: semver::Version::new(0, 1, 0),
        digest: Digest::of(b"files"),
        step: "files__write".to_owned(),
        grant: Grant::default(),
        execution: name::<ExecutionId>("e1"),
        landed: changed
            .into_iter()
            .map(|paths| Landed {
                member: None,
                branch: name("exec/e1/20260101_000000"),
                base: name(&"a".repeat(40)),
                before: Some(name(&"a".repeat(40))),
                commit: name(&"b".repeat(40)),
                kept: None,
                changed: paths
                    .iter()
                    .map(|path| Edit {
                        path: (*path).to_owned(),
                        kind: EditKind::Added,
                    })
                    .collect(),
            })
            .collect(),
        given_up: Vec::new(),
        directories: Vec::new(),
        reply: Reply::Tool(reply),
        usage: Usage::default(),
        refused: Vec::new(),
        wall: Wall::Enforced { abi: 7 },
        notes: Vec::new(),
    }
}

fn name<T: std::str::FromStr>(text: &str) -> T {
    text.parse()
        .unwrap_or_else(|_| panic!("{text:?} should parse"))
}

fn wire(receipt: Receipt) -> Value {
    serde_json::to_value(result(receipt, Open::WithConnection).result).unwrap()
}

#[test]
fn a_change_is_told_in_text_and_meta() {
    let said = wire(receipt(Ok(Output::default()), Some(&["a", "b\nFake: c"])));
    assert_eq!(
        said["content"][0]["text"],
        "Changed 2 files on branch exec/e1/20260101_000000 of execution e1: a, b Fake: c. Once this connection is closed, a person merges it with \
         `paracle-host git merge exec/e1/20260101_000000`."
    );
    let meta = &said["_meta"]["dev.paracle/receipt"];
    assert_eq!(meta["branch"], "exec/e1/20260101_000000");
    assert_eq!(meta["changed"][0], json!({ "path": "a", "kind": "added" }));
    assert_eq!(said["isError"], false);
}

#[test]
fn a_call_that_changes_nothing_has_only_meta() {
    let output = Output {
        content: vec![Content::Text {
            text: "hi".to_owned(),
        }],
        structured: None,
    };
    let said = wire(receipt(Ok(output), None));
    assert_eq!(said["content"], json!([{ "type": "text", "text": "hi" }]));
    assert_eq!(said["_meta"]["dev.paracle/receipt"]["execution"], "e1");
    assert_eq!(said["_meta"]["dev.paracle/receipt"].get("branch"), None);
}

#[test]
fn every_kind_of_content_has_its_form() {
    let output = Output {
        content: vec![
            Content::Image {
                data: vec![0, 1, 2],
                mime_type: "image/png".to_owned(),
            },
            Content::Audio {
                data: vec![255],
                mime_type: "audio/wav".to_owned(),
            },
            Content::Link {
                uri: "file:///a".to_owned(),
                name: "a".to_owned(),
                description: None,
                mime_type: None,
            },
            Content::Embedded {
                uri: "x:1".to_owned(),
                mime_type: None,
                body: ResourceBody::Text("t".to_owned()),
            },
            Content::Embedded {
                uri: "x:2".to_owned(),
                mime_type: None,
                body: ResourceBody::Blob(vec![3]),
            },
        ],
        structured: Some(json!({ "n": 1 })),
    };
    let said = wire(receipt(Ok(output), None));
    assert_eq!(
        said["content"],
        json!([
            { "type": "image", "data": "AAEC", "mimeType": "image/png" },
            { "type": "audio", "data": "/w==", "mimeType": "audio/wav" },
            { "type": "resource_link", "uri": "file:///a", "name": "a" },
            { "type": "resource", "resource": { "uri": "x:1", "text": "t" } },
            { "type": "resource", "resource": { "uri": "x:2", "blob": "Aw==" } },
        ])
    );
    assert_eq!(said["structuredContent"], json!({ "n": 1 }));
}

#[test]
fn structured_results_are_text_for_old_clients() {
    let output = Output {
        content: Vec::new(),
        structured: Some(json!({ "n": 1 })),
    };
    assert_eq!(
        wire(receipt(Ok(output), None))["content"][0]["text"],
        r#"{"n":1}"#
    );
}

#[test]
fn an_error_names_its_kind_and_the_line_to_add() {
    let denied = Denied {
        capability: Capability::FileAccess,
        missing: Party::Operator,
        message: "files was not granted file-access".to_owned(),
        fix: "to allow it, add a line".to_owned(),
        needs: None,
    };
    let said = wire(receipt(
        Err(ToolError::Permission {
            denied: denied.clone(),
        }),
        None,
    ));
    assert_eq!(said["isError"], true);
    assert_eq!(
        said["content"][0]["text"],
        "files was not granted file-access; to allow it, add a line"
    );
    assert_eq!(said["_meta"]["dev.paracle/error"]["kind"], "denied");
    assert_eq!(said["_meta"]["dev.paracle/receipt"]["execution"], "e1");

    let said =
        serde_json::to_value(failure::of_call(&CallError::Denied(denied), &name("e1")).unwrap())
            .unwrap();
    assert_eq!(said["_meta"]["dev.paracle/receipt"]["execution"], "e1");
    assert_eq!(
        said["_meta"]["dev.paracle/error"]["denied"]["capability"],
        "file-access"
    );
}

#[test]
fn a_tool_is_listed_clean_and_with_an_object_schema() {
    let info = ToolInfo {
        name: name("read"),
        title: Some("Read\u{202e}".to_owned()),
        description: "Reads.\u{200b}".to_owned(),
        parameters: json!(true),
        returns: Some(json!(true)),
        annotations: Annotations {
            read_only: true,
            destructive: false,
            idempotent: true,
            open_world: false,
        },
        icons: Vec::new(),
        task: crate::model::TaskSupport::Never,
        needs: Vec::new(),
    };
    let listed = serde_json::to_value(super::super::tool("files__read".to_owned(), &info)).unwrap();
    assert_eq!(
        listed,
        json!({
            "name": "files__read",
            "title": "Read",
            "description": "Reads.",
            "inputSchema": { "type": "object" },
            "annotations": {
                "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false
            },
        })
    );
}
