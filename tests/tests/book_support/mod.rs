//! The project's texts: README, the book and the pages beside code.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The top of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// README and the book's pages, in order.
pub fn pages() -> Vec<PathBuf> {
    let mut pages = markdown(&root().join("docs/src"));
    pages.insert(0, root().join("README.md"));
    pages
}

/// Every Markdown file of a folder and below, but for what was built or fetched.
pub fn markdown(folder: &Path) -> Vec<PathBuf> {
    const LEFT_OUT: [&str; 4] = ["target", "node_modules", ".git", "runs"];
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| !LEFT_OUT.iter().any(|name| path.ends_with(name)));
    let files = |path: PathBuf| match path.is_dir() {
        true => markdown(&path),
        false if path.extension().is_some_and(|end| end == "md") => vec![path],
        false => Vec::new(),
    };
    paths.into_iter().flat_map(files).collect()
}

/// What a page holds that can be wrong.
#[derive(Debug, Default)]
pub struct Page {
    /// The targets of links and pictures.
    pub links: Vec<String>,
    /// The names that a link can add after `#`.
    pub anchors: Vec<String>,
    /// Code blocks: language and text.
    pub code: Vec<(String, String)>,
}

impl Page {
    pub fn read(path: &Path) -> Self {
        Self::parse(&fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    fn parse(text: &str) -> Self {
        let mut page = Self::default();
        let (mut heading, mut code) = (None::<String>, None::<(String, String)>);
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.to_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.anchors.extend(heading.take().map(|text| anchor(&text))),
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    code = Some((language.to_string(), String::new()));
                }
                Event::End(TagEnd::CodeBlock) => page.code.extend(code.take()),
                Event::Text(text) | Event::Code(text) => {
                    heading.iter_mut().chain(code.iter_mut().map(|(_, code)| code)).for_each(|to| to.push_str(&text));
                }
                _ => {}
            }
        }
        page
    }

    /// The first block of code in a language.
    pub fn first(&self, language: &str) -> Option<&str> {
        self.code.iter().find(|(of, _)| of == language).map(|(_, code)| code.as_str())
    }
}

/// A heading's name in a link, as mdBook and GitHub make it.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
