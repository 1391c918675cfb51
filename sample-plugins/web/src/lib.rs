//! Pages of the web as Markdown: what a plugin does with a grant for the network.

mod page;

use page::Page;
use paracle_plugin_sdk::http::{Request, Response};
use paracle_plugin_sdk::output::{Content, Output};
use paracle_plugin_sdk::prelude::*;

struct Web;

impl Plugin for Web {
    const CAPABILITIES: &[Capability] = &[Capability::NetworkAccess];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// Redirects that are followed; more are a circle.
const MOST_REDIRECTS: usize = 5;
/// The most bytes of a page that are read.
const MOST_BYTES: usize = 4 << 20;
/// The most links that are listed.
const MOST_LINKS: usize = 200;

/// Fetches a page of the web and returns it as Markdown, with its title and its links. Plain text and JSON come as they are.
#[derive(Deserialize, JsonSchema)]
struct Fetch {
    /// What to fetch, such as `https://example.com/page`.
    url: String,
    /// The most characters of text to return.
    #[serde(default = "max_chars")]
    #[schemars(range(min = 1, max = 1_000_000))]
    max_chars: usize,
}

const fn max_chars() -> usize {
    20_000
}

/// A page.
#[derive(Serialize, JsonSchema)]
struct Fetched {
    /// Where it was found, after all redirects.
    url: String,
    /// The status.
    status: u16,
    /// Its title, if it has one.
    title: Option<String>,
    /// Its text: Markdown for HTML.
    text: String,
    /// True where the text was cut.
    truncated: bool,
    /// Where it leads.
    links: Vec<Link>,
}

/// A link of a page.
#[derive(Serialize, JsonSchema)]
struct Link {
    /// Its words.
    text: String,
    /// Where it leads.
    url: String,
}

impl Tool<Web> for Fetch {
    const NAME: &str = "fetch";
    const TITLE: &str = "Fetch a web page";
    const ANNOTATIONS: Annotations = Annotations {
        open_world: true,
        ..Annotations::READ_ONLY
    };
    type Output = Output;

    fn call(self, _: &mut Context<'_, Web>) -> Result<Output, ToolError> {
        let (url, mut response) = follow(self.url)?;
        let status = response.status;
        let kind = response
            .header("content-type")
            .unwrap_or("text/html")
            .to_ascii_lowercase();
        let (bytes, whole) = response.beginning(MOST_BYTES)?;
        let body = String::from_utf8_lossy(&bytes);
        if !response.is_ok() {
            let words: String = body.chars().take(200).collect();
            let words = if kind.contains("html") {
                String::new()
            } else {
                format!(": {words}")
            };
            return Err(ToolError::Runtime(format!(
                "{url} answered with status {status}{words}"
            )));
        }
        let page = if kind.contains("html") {
            Page::of_html(&body, &url)?
        } else if kind.starts_with("text/") || kind.contains("json") || kind.contains("xml") {
            Page::of_text(&body)
        } else {
            return Err(ToolError::Runtime(format!(
                "{url} is {kind}, which is no text"
            )));
        };
        let text: String = page.text.chars().take(self.max_chars).collect();
        let truncated = !whole || text.len() < page.text.len();
        let fetched = Fetched {
            url,
            status,
            title: page.title,
            text,
            truncated,
            links: page.links.into_iter().take(MOST_LINKS).collect(),
        };
        Ok(Output {
            content: vec![Content::Text(shown(&fetched))],
            structured: Some(serde_json::to_string(&fetched)?),
        })
    }
}

/// Gets a page, following redirects; the host decides each of them again.
fn follow(mut url: String) -> Result<(String, Response), ToolError> {
    for _ in 0..=MOST_REDIRECTS {
        let response = Request::get(&url)
            .header(
                "accept",
                "text/html, text/markdown, text/plain, application/json, */*;q=0.1",
            )
            .header(
                "user-agent",
                concat!("paracle-web/", env!("CARGO_PKG_VERSION")),
            )
            .send()?;
        match response.redirect() {
            Some(next) => url = next,
            None => return Ok((url, response)),
        }
    }
    Err(ToolError::Runtime(format!(
        "more than {MOST_REDIRECTS} redirects, the last to {url}"
    )))
}

/// Returns what people and models read.
fn shown(page: &Fetched) -> String {
    let title = page
        .title
        .as_deref()
        .map(|title| format!("# {title}\n\n"))
        .unwrap_or_default();
    let cut = if page.truncated {
        "\n\n(cut: ask for more with `max_chars`)"
    } else {
        ""
    };
    format!("{title}{}{cut}", page.text)
}

paracle_plugin_sdk::export!(tools: [Fetch], plugin: Web);
