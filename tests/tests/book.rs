//! README and book: their size, their links, and the program that they show.

mod book_support;

use std::fs;
use std::path::Path;

use book_support::{Page, markdown, root};
use clap::ValueEnum;
use ff_host::recipe::{Field, Recipe, RuleKind};

/// What a reader is asked for before the first command.
const README_BYTES: u64 = 8192;

#[test]
fn the_readme_is_short() {
    let bytes = fs::metadata(root().join("README.md")).unwrap().len();
    assert!(
        bytes <= README_BYTES,
        "README.md has {bytes} bytes, and {README_BYTES} are the most: move some to the book"
    );
}

#[test]
fn every_link_leads_somewhere() {
    let broken: Vec<_> = markdown(root()).iter().flat_map(|page| broken_links(page)).collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// The links of a page that lead nowhere, each with its page.
fn broken_links(page: &Path) -> Vec<String> {
    let links = Page::read(page).links;
    let broken =
        links.into_iter().filter_map(|link| Some(format!("{}: {link} {}", page.display(), problem(page, &link)?)));
    broken.collect()
}

fn problem(page: &Path, link: &str) -> Option<&'static str> {
    if link.starts_with("https://") {
        return None;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() { page.to_owned() } else { page.parent().unwrap().join(file) };
    let Ok(target) = target.canonicalize() else { return Some("leads to no file") };
    let book = root().join("docs/src").canonicalize().unwrap();
    if page.starts_with(root().join("docs/src")) && !target.starts_with(book) {
        return Some("leads out of the book, which is read alone as well");
    }
    let known = anchor.is_empty() || Page::read(&target).anchors.iter().any(|known| known == anchor);
    (!known).then_some("names no heading of that page")
}

#[test]
fn the_summary_has_every_page() {
    let book = root().join("docs/src");
    let summary = Page::read(&book.join("SUMMARY.md")).links;
    for page in markdown(&book) {
        let name = page.strip_prefix(&book).unwrap().to_str().unwrap();
        assert!(
            name == "SUMMARY.md" || summary.iter().any(|link| link == name),
            "docs/src/SUMMARY.md leaves out {name}"
        );
    }
}

/// The first program is the same in README, in the book and in the core's documentation, where it is run.
#[test]
fn the_first_program_is_one() {
    let documentation: String = fs::read_to_string(root().join("ff-core/src/lib.rs"))
        .unwrap()
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    let tested = documentation.split("```\n").nth(1).expect("ff-core's documentation begins with a program");
    for page in ["README.md", "docs/src/first-device.md"] {
        let shown = Page::read(&root().join(page));
        let shown = shown.first("rust").unwrap_or_else(|| panic!("{page} shows no program"));
        assert_eq!(visible(shown), visible(tested), "{page}");
    }
}

/// A program without the lines that documentation hides.
fn visible(program: &str) -> String {
    program.lines().filter(|line| !line.starts_with("# ")).map(|line| format!("{line}\n")).collect()
}

/// Every recipe, rule and field stands in the reference, and the names that fields had before.
#[test]
fn the_reference_has_every_name() {
    let reference = fs::read_to_string(root().join("docs/src/recipes.md")).unwrap();
    let rules = fs::read_to_string(root().join("docs/src/rules.md")).unwrap();
    let fields = Field::all().flat_map(|field| [field.name.to_owned(), field.old.replace('-', "_")]);
    let names = fields.chain(Recipe::shipped().map(str::to_owned)).filter(|name| !name.is_empty());
    let missing: Vec<_> = names.filter(|name| !reference.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/src/recipes.md leaves out {missing:?}");
    for kind in RuleKind::value_variants() {
        assert!(rules.contains(&format!("### {}\n", kind.name())), "docs/src/rules.md leaves out {}", kind.name());
    }
}
