//! From HTML to what people read: title, text, links.

use super::Link;
use htmd::HtmlToMarkdown;
use markup5ever_rcdom::{Node, NodeData};
use paracle_plugin_sdk::http::resolve;
use paracle_plugin_sdk::prelude::*;
use std::rc::Rc;

/// Elements that are no text of a page.
const SKIPPED: [&str; 8] = [
    "script", "style", "noscript", "template", "svg", "iframe", "head", "form",
];

/// A page, read.
pub(super) struct Page {
    pub(super) title: Option<String>,
    pub(super) text: String,
    pub(super) links: Vec<Link>,
}

impl Page {
    pub(super) fn of_text(text: &str) -> Self {
        Self {
            title: None,
            text: text.to_owned(),
            links: Vec::new(),
        }
    }

    pub(super) fn of_html(html: &str, url: &str) -> Result<Self, ToolError> {
        let converter = HtmlToMarkdown::builder()
            .skip_tags(SKIPPED.to_vec())
            .build();
        let tree = converter.html_to_tree(html)?;
        let mut page = Self {
            title: None,
            text: converter.tree_to_markdown(&tree).trim().to_owned(),
            links: Vec::new(),
        };
        page.walk(&tree, url);
        Ok(page)
    }

    /// Collects titles and links, without recursion: pages may be as deep as they like.
    fn walk(&mut self, root: &Rc<Node>, url: &str) {
        let mut waiting = vec![root.clone()];
        while let Some(node) = waiting.pop() {
            match name(&node).as_deref() {
                Some("title") if self.title.is_none() => {
                    self.title = Some(words(&node)).filter(|title| !title.is_empty());
                }
                Some("a") => {
                    if let Some(to) = attribute(&node, "href").filter(|to| !to.starts_with('#')) {
                        let link = Link {
                            text: words(&node),
                            url: resolve(url, &to),
                        };
                        if !self.links.iter().any(|other| other.url == link.url) {
                            self.links.push(link);
                        }
                    }
                }
                _ => {}
            }
            waiting.extend(node.children.borrow().iter().rev().cloned());
        }
    }
}

fn name(node: &Node) -> Option<String> {
    match &node.data {
        NodeData::Element { name, .. } => Some(name.local.to_string()),
        _ => None,
    }
}

fn attribute(node: &Node, wanted: &str) -> Option<String> {
    let NodeData::Element { attrs, .. } = &node.data else {
        return None;
    };
    let attributes = attrs.borrow();
    let found = attributes
        .iter()
        .find(|attribute| &*attribute.name.local == wanted);
    found.map(|attribute| attribute.value.trim().to_owned())
}

/// Returns all text below a node, as one line.
fn words(node: &Rc<Node>) -> String {
    let mut text = String::new();
    let mut waiting = vec![node.clone()];
    while let Some(node) = waiting.pop() {
        if let NodeData::Text { contents } = &node.data {
            text.push_str(&contents.borrow());
        }
        waiting.extend(node.children.borrow().iter().rev().cloned());
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
