//! Resources, prompts and suggestions of plugins.

use serde_json::{Value, json};

use super::{both, each, env};
use crate::common::{McpServer, TestEnv};

fn read(server: &mut McpServer, uri: &str) -> Value {
    server.request("resources/read", json!({"uri": uri}))
}

#[test]
pub(crate) fn resources_are_listed_page_by_page() {
    let env = env();
    for mut server in both(&env) {
        let first = server.request("resources/list", json!({}));
        let next = first["result"]["nextCursor"].as_str().unwrap();
        let second = server.request("resources/list", json!({"cursor": next}));
        assert!(second["result"].get("nextCursor").is_none(), "{second}");
        let mut all = each(&first["result"]["resources"], "uri");
        assert_eq!(all.len(), 100);
        all.extend(each(&second["result"]["resources"], "uri"));
        assert!(all.is_sorted(), "{all:?}");
        for uri in [
            "offers://text",
            "offers://items/119",
            "plugin://offers/readme",
        ] {
            assert_eq!(
                all.iter().filter(|listed| **listed == uri).count(),
                1,
                "{uri}"
            );
        }
        assert_eq!(all.len(), 123);
        let strange = server.request("resources/list", json!({"cursor": "?"}));
        assert_eq!(strange["error"]["code"], -32602, "{strange}");
        server.close();
    }
}

#[test]
fn what_a_plugin_says_of_its_resources_is_cleaned() {
    let env = env();
    let [mut server, _] = both(&env);
    let mut listed = server.request("resources/list", json!({}));
    let next = listed["result"]["nextCursor"].take();
    let rest = server.request("resources/list", json!({"cursor": next}));
    let mut all = listed["result"]["resources"].as_array().unwrap().clone();
    all.extend(rest["result"]["resources"].as_array().unwrap().clone());
    let text = all
        .iter()
        .find(|one| one["uri"] == "offers://text")
        .unwrap();
    assert_eq!(text["title"], "A text", "{text}");
    assert_eq!(
        (&text["size"], &text["mimeType"]),
        (&json!(5), &json!("text/plain"))
    );
    let templates = server.request("resources/templates/list", json!({}));
    let templates = templates["result"]["resourceTemplates"].as_array().unwrap();
    let place = "offers://places/{country}/{town}";
    let place = templates
        .iter()
        .find(|one| one["uriTemplate"] == place)
        .unwrap();
    assert_eq!(place["description"], "A place of a country");
}

#[test]
fn a_resource_is_read_by_its_address_by_a_pattern_or_by_asking() {
    let env = env();
    for mut server in both(&env) {
        for (uri, text) in [
            ("offers://text", "hello"),
            ("offers://places/france/pau", "place france/pau"),
            ("offers://hidden", "found"),
        ] {
            let read = read(&mut server, uri);
            let content = &read["result"]["contents"][0];
            assert_eq!(
                (&content["uri"], &content["text"]),
                (&json!(uri), &json!(text)),
                "{read}"
            );
        }
        let bytes = read(&mut server, "offers://bytes");
        assert_eq!(bytes["result"]["contents"][0]["blob"], "AP8=", "{bytes}");
        let broken = read(&mut server, "offers://broken");
        assert_eq!(broken["error"]["message"], "it is torn", "{broken}");
        server.close();
    }
}

#[test]
fn a_resource_that_is_nowhere_is_an_error_that_names_it() {
    let env = env();
    let [mut legacy, mut modern] = both(&env);
    for uri in [
        "offers://nowhere",
        "other://x",
        "execution://nobody/diff",
        "result://x",
        "offers://empty",
    ] {
        for (server, code) in [(&mut legacy, -32002), (&mut modern, -32602)] {
            let unknown = read(server, uri);
            assert_eq!(unknown["error"]["code"], code, "{unknown}");
            assert_eq!(unknown["error"]["data"]["uri"], uri, "{unknown}");
        }
    }
}

#[test]
fn a_plugin_that_fails_to_list_is_missing_and_the_others_are_there() {
    let env = env();
    let mut server = env.mcp_with_log();
    server.initialize();
    server.call("offers__change", json!({"what": "fails"}));
    let listed = server.request("resources/list", json!({}));
    assert_eq!(
        each(&listed["result"]["resources"], "uri"),
        ["plugin://offers/readme"]
    );
    server.close();
    assert!(env.log().contains("the shelf is locked"), "{}", env.log());
}

#[test]
fn results_say_that_they_are_nobody_elses() {
    let env = env();
    let [_, mut modern] = both(&env);
    for (method, params) in [
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("prompts/list", json!({})),
        ("tools/list", json!({})),
        ("resources/read", json!({"uri": "offers://text"})),
    ] {
        let reply = modern.request(method, params);
        assert_eq!(
            reply["result"]["cacheScope"], "private",
            "{method}: {reply}"
        );
        assert_eq!(reply["result"]["ttlMs"], 0, "{method}: {reply}");
    }
}

#[test]
fn prompts_are_listed_and_made_with_their_arguments() {
    let env = env();
    for mut server in both(&env) {
        let listed = server.request("prompts/list", json!({}));
        let prompts = &listed["result"]["prompts"];
        assert_eq!(each(prompts, "name"), ["offers__asks", "offers__review"]);
        assert_eq!(prompts[1]["description"], "Reviews a file");
        assert_eq!(
            prompts[1]["arguments"][0],
            json!({"name": "file", "description": "Which file", "required": true})
        );
        let made = server.request(
            "prompts/get",
            json!({"name": "offers__review", "arguments": {"file": "a.rs"}}),
        );
        let messages = &made["result"]["messages"];
        assert_eq!(
            messages[0]["content"]["text"], "Review a.rs kindly.",
            "{made}"
        );
        assert_eq!(messages[1]["role"], "user");
        let embedded = &messages[1]["content"]["resource"];
        assert_eq!(
            (&embedded["uri"], &embedded["text"]),
            (&json!("offers://files/a.rs"), &json!("its text"))
        );
        for (name, arguments, named) in [
            ("offers__review", json!({}), "file"),
            ("offers__review", json!({"file": "a", "x": "y"}), "x"),
            ("offers__review", json!({"file": 1}), "file"),
            ("offers__nothing", json!({}), "nothing"),
            ("nothing", json!({}), "nothing"),
        ] {
            let wrong =
                server.request("prompts/get", json!({"name": name, "arguments": arguments}));
            assert_eq!(wrong["error"]["code"], -32602, "{wrong}");
            assert!(
                wrong["error"]["message"].as_str().unwrap().contains(named),
                "{wrong}"
            );
        }
        server.close();
    }
}

#[test]
fn a_prompt_and_a_resource_may_ask() {
    let env = env();
    let [mut legacy, mut modern] = both(&env);
    let requests = [
        (
            "prompts/get",
            json!({"name": "offers__asks"}),
            "/messages/0/content/text",
            "Say sesame.",
        ),
        (
            "resources/read",
            json!({"uri": "offers://asks"}),
            "/contents/0/text",
            "opened by sesame",
        ),
    ];
    let answer = json!({"action": "accept", "content": {"word": "sesame"}});
    for (method, params, at, said) in requests {
        let id = legacy.begin(method, params.clone());
        let asked = legacy.asked();
        assert!(
            asked["params"]["message"]
                .as_str()
                .unwrap()
                .contains("offers"),
            "{asked}"
        );
        legacy.answer(&asked, &answer);
        let reply = legacy.reply(id);
        assert_eq!(reply["result"].pointer(at), Some(&json!(said)), "{reply}");

        let asked = modern.request(method, params.clone());
        assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
        let key = asked["result"]["inputRequests"]
            .as_object()
            .unwrap()
            .keys()
            .next()
            .unwrap()
            .clone();
        let mut params = params;
        params["requestState"] = asked["result"]["requestState"].clone();
        params["inputResponses"] = json!({ key: answer });
        let reply = modern.request(method, params);
        assert_eq!(reply["result"].pointer(at), Some(&json!(said)), "{reply}");
    }
}

#[test]
fn values_are_suggested_for_arguments_and_variables() {
    let env = env();
    for mut server in both(&env) {
        let mut complete = |of: Value, name: &str, typed: &str, others: Value| {
            let argument = json!({"name": name, "value": typed});
            let params = json!({"ref": of, "argument": argument, "context": {"arguments": others}});
            server.request("completion/complete", params)
        };
        let prompt = json!({"type": "ref/prompt", "name": "offers__review"});
        let template = json!({"type": "ref/resource", "uri": "offers://places/{country}/{town}"});
        let tones = complete(prompt.clone(), "tone", "k", json!({}));
        assert_eq!(
            tones["result"]["completion"]["values"],
            json!(["kindly", "keenly"]),
            "{tones}"
        );
        let towns = complete(template.clone(), "town", "pa", json!({"country": "france"}));
        assert_eq!(
            towns["result"]["completion"]["values"],
            json!(["paris", "pau"]),
            "{towns}"
        );
        let many = complete(template.clone(), "town", "", json!({}));
        let many = &many["result"]["completion"];
        assert_eq!(many["values"].as_array().unwrap().len(), 100);
        assert_eq!(
            (&many["total"], &many["hasMore"]),
            (&json!(150), &json!(true))
        );
        for (of, name) in [
            (prompt, "nothing"),
            (template, "nothing"),
            (
                json!({"type": "ref/prompt", "name": "offers__none"}),
                "tone",
            ),
            (
                json!({"type": "ref/resource", "uri": "offers://none/{x}"}),
                "x",
            ),
        ] {
            let wrong = complete(of, name, "", json!({}));
            assert_eq!(wrong["error"]["code"], -32602, "{wrong}");
        }
        server.close();
    }
}

#[test]
fn capabilities_are_those_that_there_are() {
    let env = TestEnv::new();
    let mut server = env.mcp();
    let capabilities = server.initialize()["result"]["capabilities"].take();
    assert_eq!(
        capabilities,
        json!({
            "completions": {},
            "extensions": {"io.modelcontextprotocol/tasks": {}},
            "logging": {},
            "prompts": {"listChanged": true},
            "resources": {"listChanged": true, "subscribe": true},
            "tools": {"listChanged": true},
        })
    );
    assert_eq!(server.request("ping", json!({}))["result"], json!({}));
    let level = server.request("logging/setLevel", json!({"level": "error"}));
    assert_eq!(level["result"], json!({}), "{level}");
    server.close();
}

#[test]
fn a_tool_carries_its_pictures_and_a_title_without_tricks() {
    let env = env();
    let [mut server, _] = both(&env);
    let listed = server.request("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let greet = tools
        .iter()
        .find(|tool| tool["name"] == "offers__greet")
        .unwrap();
    assert_eq!(greet["title"], "Greet somebody");
    assert_eq!(
        greet["icons"],
        json!([{"src": "https://example.com/icon.png", "mimeType": "image/png", "sizes": ["48x48"]}])
    );
    assert_eq!(greet["_meta"]["dev.paracle/task"], "optional");
}

#[test]
fn an_answer_that_does_not_fit_its_output_schema_is_an_error_that_says_so() {
    let env = env();
    for mut server in both(&env) {
        let right = server.call("offers__unlike", json!({"how": "right"}));
        assert_eq!(right["structuredContent"], json!({"n": 1}), "{right}");
        for (how, why) in [("wrong", "/n"), ("none", "there is none")] {
            let result = server.call("offers__unlike", json!({"how": how}));
            assert_eq!(result["isError"], true, "{result}");
            assert!(result.get("structuredContent").is_none(), "{result}");
            let text = result["content"][0]["text"].as_str().unwrap();
            assert!(text.contains("does not fit the output schema"), "{text}");
            assert!(text.contains(why), "{text}");
        }
    }
}
