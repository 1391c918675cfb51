//! Results that are too long to be shown at once.

use serde_json::json;

use super::{both, env};

#[test]
fn a_long_result_is_cut_with_a_notice_and_kept_whole() {
    let env = env();
    env.write(".parac/config/mcp.yaml", "result_chars: 1000\n");
    for mut server in both(&env) {
        let exact = server.call("offers__long", json!({"chars": 1000}));
        assert_eq!(exact["content"].as_array().unwrap().len(), 1, "{exact}");
        let long = server.call("offers__long", json!({"chars": 5000}));
        let shown = long["content"][0]["text"].as_str().unwrap();
        assert_eq!(shown, "é".repeat(1000));
        let notice = long["content"][1]["text"].as_str().unwrap();
        assert!(
            notice.starts_with("Cut: 1000 of 5000 characters are shown."),
            "{notice}"
        );
        let call = long["_meta"]["dev.paracle/receipt"]["call"]
            .as_str()
            .unwrap();
        let uri = format!("result://{call}");
        assert!(notice.contains(&uri), "{notice}");
        let whole = server.request("resources/read", json!({"uri": uri}));
        let text = whole["result"]["contents"][0]["text"].as_str().unwrap();
        assert!(text.chars().count() == 5000 && text.ends_with('!'));

        let picture = server.call("offers__picture", json!({"bytes": 3000}));
        assert_eq!(picture["content"][0]["text"], "below", "{picture}");
        let call = picture["_meta"]["dev.paracle/receipt"]["call"]
            .as_str()
            .unwrap();
        let uri = format!("result://{call}");
        let whole = server.request("resources/read", json!({"uri": uri}));
        let blob = whole["result"]["contents"][0]["blob"].as_str().unwrap();
        assert_eq!(blob.len(), 4000);
        server.close();
    }
}

#[test]
fn a_kept_result_is_its_callers_alone_and_a_gone_one_says_so() {
    let env = env();
    env.write(".parac/config/mcp.yaml", "result_chars: 10\n");
    let [mut server, mut other] = both(&env);
    let uris: Vec<String> = (0..33)
        .map(|_| {
            let long = server.call("offers__long", json!({"chars": 11}));
            let call = long["_meta"]["dev.paracle/receipt"]["call"]
                .as_str()
                .unwrap();
            format!("result://{call}")
        })
        .collect();
    assert!(
        server
            .request("resources/read", json!({"uri": uris[32]}))
            .get("error")
            .is_none()
    );
    let gone = server.request("resources/read", json!({"uri": uris[0]}));
    assert!(
        gone["error"]["message"]
            .as_str()
            .unwrap()
            .contains("not kept any more"),
        "{gone}"
    );
    let foreign = other.request("resources/read", json!({"uri": uris[32]}));
    assert!(foreign.get("error").is_some(), "{foreign}");
}
