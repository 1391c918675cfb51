//! Where a key is, and where it is not.

use serde_json::{Value, json};

use super::world::{KEY, PROVIDERS, Said, World, hello};

#[test]
fn a_key_is_in_one_header_at_the_server_and_nowhere_else() {
    for (provider, header, before) in PROVIDERS {
        // The server says all of it that it was sent.
        let world = World::new(provider, json!({"key": "KEY"}), &json!({}), |seen, out| {
            let said = json!({"error": {"message": seen.head, "type": "invalid_request_error"}});
            Said::json(400, &said)
                .with("x-echo", &seen.header("host").join(""))
                .write(out)
        });
        let asked = hello(provider, false).to_string();
        let output = world
            .env
            .run(&["run", "asker__chat", "--json", "-v", "--args", &asked]);
        let seen = world.server.seen().pop().unwrap();
        assert_eq!(
            seen.header(header),
            [format!("{before}{KEY}")],
            "{provider}"
        );
        assert_eq!(seen.head.matches(KEY).count(), 1, "{provider}");
        assert!(!seen.body.contains(KEY), "{provider}");
        let told = format!("{}{}", output.stdout, output.stderr);
        // What the guest saw, and passed on, is what stands for the key.
        assert!(told.contains("[secret KEY]"), "{provider}: {told}");
        assert!(!told.contains(KEY), "{provider}: {told}");
        let journal = world.env.run(&["audit", "show", "--json"]);
        assert!(!journal.stdout.contains(KEY), "{provider}");
    }
}

#[test]
fn without_a_grant_nothing_is_asked_and_the_refusal_says_which() {
    for (provider, ..) in PROVIDERS {
        let server = crate::common::HttpServer::hello();
        let base = format!("http://127.0.0.1:{}", server.port());
        let reach = json!({"completions": [provider], "network": [format!("* {base}")]});
        let yaml = json!({"plugins": [
            {"name": "asker", "grants": reach},
            {"name": provider, "config": {"base_url": base}},
        ]});
        let env = crate::common::TestEnv::with_grants(&["asker", provider], &yaml.to_string());
        let asked = hello(provider, false).to_string();
        let output = env.run(&["run", "asker__chat", "--json", "--args", &asked]);
        let receipt: Value = output.json();
        let said = receipt["reply"]["ok"]["structured"].to_string();
        let lines = [
            "Permission".to_owned(),
            format!("grant add {provider} --network 'POST {base}"),
        ];
        for line in lines {
            assert!(said.contains(&line), "{provider}: {line} is not in {said}");
        }
        assert_eq!(server.connections(), 0, "{provider}");
    }
}
