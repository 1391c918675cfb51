//! A server that answers for models, and a repository where the guest `asker` may ask a provider that asks it.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::common::{HttpServer, McpServer, Seen, TestEnv};

/// The key, which looks like a real one.
pub(crate) const KEY: &str = "sk-test-0123456789abcdef";

/// The providers, the header that carries a key, and what is before it there.
pub(crate) const PROVIDERS: [(&str, &str, &str); 3] = [
    ("openai", "authorization", "Bearer "),
    ("anthropic", "x-api-key", ""),
    ("ollama", "authorization", "Bearer "),
];

/// What the server answers: status, headers, body.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Said {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Writes it; its end is where the connection ends, as no length is told.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.head(out)?;
        out.write_all(self.body.as_bytes())
    }

    pub(crate) fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(
            out,
            "HTTP/1.1 {} Said\r\nconnection: close\r\n",
            self.status
        )?;
        for (name, value) in &self.headers {
            write!(out, "{name}: {value}\r\n")?;
        }
        write!(out, "\r\n")
    }
}

/// A repository, and a server that answers.
pub(crate) struct World {
    pub(crate) server: HttpServer,
    pub(crate) env: TestEnv,
}

/// What a provider's entry in `plugins.yaml` says, but for where its server is.
pub(crate) fn config(provider: &str) -> Value {
    match provider {
        "ollama" => json!({}),
        _ => json!({"key": "KEY"}),
    }
}

impl World {
    /// A provider with this configuration, under this policy, and a server that answers so.
    pub(crate) fn new(
        provider: &str,
        mut config: Value,
        policy: &Value,
        answer: impl Fn(&Seen, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let server = HttpServer::start(answer);
        let path = if provider == "openai" { "/v1" } else { "" };
        let base = format!("http://127.0.0.1:{}", server.port());
        config["base_url"] = format!("{base}{path}").into();
        let reach = json!({"network": [format!("* {base}")], "secrets": ["KEY@127.0.0.1"]});
        let mut asker = reach.clone();
        asker["completions"] = json!([provider]);
        let yaml = json!({
            "providers": policy,
            "plugins": [
                {"name": "asker", "grants": asker, "limits": {"time_ms": 600_000}},
                {"name": provider, "config": config, "grants": reach},
            ],
        });
        let env = TestEnv::new();
        env.install(&["asker", provider], &yaml.to_string());
        env.write_own("secret", KEY);
        env.write_own("config.yaml", "secrets: { KEY: { file: secret } }\n");
        env.trust(&["asker", provider]);
        Self { server, env }
    }

    /// Returns what came of a call of `asker`.
    pub(crate) fn ask(&self, tool: &str, arguments: &Value) -> Value {
        let tool = format!("asker__{tool}");
        let output = self
            .env
            .run(&["run", &tool, "--json", "--args", &arguments.to_string()]);
        output.exits(0).json()["reply"]["ok"]["structured"].clone()
    }
}

/// Asks as a person in a hurry does.
pub(crate) fn hello(provider: &str, stream: bool) -> Value {
    json!({
        "provider": provider,
        "model": "small",
        "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
        "stream": stream,
    })
}

/// Asks in a session that goes on.
pub(crate) fn asks(mcp: &mut McpServer, arguments: &Value) -> Value {
    mcp.call("asker__chat", arguments.clone())["structuredContent"].clone()
}
