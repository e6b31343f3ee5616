//! `cargo xtask sizes`: the book's tables of what firmware takes on each board.
//!
//! Sizes are read from the ELF files; stack and instructions from the reports under
//! `ff-embedded/golden/`, which `cargo xtask qemu` holds against every run. So the tables need no
//! run of their own.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};

use crate::{
    board::{BOARDS, Board},
    firmware::{self, Program},
    golden, process, setup,
    toolchain::Toolchain,
};

/// The page with the tables.
const PAGE: &str = "docs/src/on-device.md";

const BEGIN: &str = "<!-- cargo xtask sizes: begin -->\n";
const END: &str = "<!-- cargo xtask sizes: end -->\n";

/// The crates whose text is the algorithm's.
const CORE: [&str; 2] = ["ff_core", "libm"];

/// The example that classifies and does not learn.
const INFERENCE: &str = "infer";

/// Examples that do one thing: what they do, their name, the most KiB of text that the core may take there,
/// and the functions in them that hold nothing but what its generic code became.
const EXAMPLES: [(&str, &str, u64, &[&str]); 3] = [
    ("classification", INFERENCE, 5, &["infer::classifying::classify"]),
    (
        "classification and training",
        "train",
        11,
        &["train::training::begin", "train::training::step", "train::classifying::classify"],
    ),
    (
        "classification, training, explanations and snapshots",
        "whole",
        18,
        &[
            "whole::training::begin",
            "whole::training::step",
            "whole::classifying::classify",
            "whole::explain",
            "whole::saving::write",
            "whole::load",
        ],
    ),
];

/// Write the book's tables of text, data, bss, stack and instructions
///
/// Builds the firmware for every board, real boards included.
#[derive(clap::Args)]
pub struct Options {
    /// Hold the book against the firmware instead; numbers may be off by a tenth
    #[arg(long)]
    check: bool,
}

/// Writes or checks the tables.
///
/// # Errors
/// When firmware cannot be built, or when the book says something else.
pub fn run(options: &Options) -> Result<()> {
    let toolchain = setup::toolchain()?;
    let tables = format!("\n{}\n{}\n", boards(toolchain)?, examples(toolchain)?);
    println!("{tables}");
    let path = process::root().join(PAGE);
    let page = fs::read_to_string(&path).with_context(|| format!("cannot read {PAGE}"))?;
    let (before, kept, after) = split(&page).with_context(|| format!("{PAGE} has no place for the tables"))?;
    if options.check {
        ensure!(golden::is_about(kept, &tables), "{PAGE} differs; `cargo xtask sizes` writes it:\n{kept}");
        return Ok(());
    }
    fs::write(&path, format!("{before}{tables}{after}")).with_context(|| format!("cannot write {PAGE}"))
}

/// What stands before, between and behind the marks.
fn split(page: &str) -> Option<(&str, &str, &str)> {
    let begin = page.find(BEGIN)? + BEGIN.len();
    let end = begin + page.get(begin..)?.find(END)?;
    Some((page.get(..begin)?, page.get(begin..end)?, page.get(end..)?))
}

/// One row a board: `learn`, as it would be flashed.
fn boards(toolchain: Toolchain) -> Result<String> {
    let mut table = "| board | processor | text | data | bss | stack | training step | classification |\n".to_owned();
    table += "|---|---|---|---|---|---|---|---|\n";
    for board in BOARDS {
        let elf = firmware::build(toolchain, board, &Program::Binary("learn".to_owned()))?;
        let [text, data, bss] = sections(&elf, [".text", ".data", ".bss"])?;
        let costs = if board.is_emulated() { kept_costs(board)? } else { ["-"; 3].map(str::to_owned) };
        let [stack, step, classification] = costs;
        table += &format!(
            "| {} | {} | {text} | {data} | {bss} | {stack} | {step} | {classification} |\n",
            board.name, board.processor
        );
    }
    Ok(table)
}

/// Stack of the whole program, training step and classification, each with its own stack, from the
/// board's kept report.
fn kept_costs(board: &Board) -> Result<[String; 3]> {
    let name = format!("golden/learn-{}.txt", board.name);
    let report = fs::read_to_string(firmware::folder().join(&name)).with_context(|| format!("cannot read {name}"))?;
    let words = |start: &str| {
        let line = report.lines().find_map(|line| line.strip_prefix(start));
        let line = line.with_context(|| format!("{name} has no line that begins with `{start}`"))?;
        anyhow::Ok(line.split_whitespace().filter(|word| word.bytes().all(|b| b.is_ascii_digit())).collect::<Vec<_>>())
    };
    // Instructions, then bytes of stack.
    let cost = |start: &str| match words(start)?[..] {
        [instructions, stack] => Ok(format!("{instructions} ({stack})")),
        _ => bail!("{name}: `{start}` has not got two numbers"),
    };
    let stack = words("stack:")?.first().map(|word| (*word).to_owned()).unwrap_or_default();
    Ok([stack, cost("training step:")?, cost("classification:")?])
}

/// The core's own text, on the default board.
fn examples(toolchain: Toolchain) -> Result<String> {
    let mut table = "| what is linked | text of ff-core and libm |\n|---|---|\n".to_owned();
    for (what, name, most, own) in EXAMPLES {
        let elf = firmware::build(toolchain, &BOARDS[0], &Program::Example(name.to_owned()))?;
        let text = core_text(&elf, own)?;
        ensure!(text <= most * 1024, "{what} takes {text} bytes of text, and {most} KiB are the most allowed");
        table += &format!("| {what} | {text} |\n");
        if name == INFERENCE {
            without_training(&elf)?;
        }
    }
    Ok(table)
}

/// Refuses a program that classifies alone, and has linked what only learning needs.
fn without_training(elf: &Path) -> Result<()> {
    let bytes = read(elf)?;
    let file = object::File::parse(&*bytes)?;
    let names = file
        .symbols()
        .filter_map(|symbol| symbol.name().ok().map(|name| format!("{:#}", rustc_demangle::demangle(name))));
    let learning = ["outer", "optimiser", "learner", "step", "snapshot"];
    let linked: Vec<_> =
        names.filter(|name| name.contains("ff_core") && learning.iter().any(|word| name.contains(word))).collect();
    ensure!(linked.is_empty(), "a program that only classifies has linked {linked:?}");
    Ok(())
}

/// Bytes of the sections; 0 for one that is not there.
fn sections<const N: usize>(elf: &Path, names: [&str; N]) -> Result<[u64; N]> {
    let bytes = read(elf)?;
    let file = object::File::parse(&*bytes)?;
    Ok(names.map(|name| file.section_by_name(name).map_or(0, |section| section.size())))
}

/// Bytes of the functions of ff-core and libm, and of `own`, into which generic code was inlined.
fn core_text(elf: &Path, own: &[&str]) -> Result<u64> {
    let bytes = read(elf)?;
    let file = object::File::parse(&*bytes)?;
    let functions = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text);
    let wanted = functions.filter(|symbol| symbol.name().is_ok_and(|name| is_core(name, own)));
    Ok(wanted.map(|symbol| symbol.size()).sum())
}

fn is_core(symbol: &str, own: &[&str]) -> bool {
    let name = format!("{:#}", rustc_demangle::demangle(symbol));
    let path = name.trim_start_matches(['_', '<']);
    // What a trait does for every type belongs to the trait's crate: `<P as ff_core::...>::block`.
    let path =
        path.split_once(" as ").filter(|(implementor, _)| !implementor.contains("::")).map_or(path, |(_, of)| of);
    own.contains(&path) || CORE.iter().any(|name| path.split("::").next() == Some(name))
}

fn read(elf: &Path) -> Result<Vec<u8>> {
    fs::read(elf).with_context(|| format!("cannot read {}", elf.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_told_apart_by_their_crate() {
        assert!(is_core("_ZN7ff_core6kernel8portable7product17h909a5b2ae375ff4fE", &[]));
        assert!(is_core("_ZN4libm4math4expf4expf17h46f15007c5476cdeE", &[]));
        assert!(!is_core("_ZN11ff_embedded7runtime4exit17h3648a3f7660463f7E", &[]));
        assert!(is_core("_ZN5infer8classify17h5720cc75f3671528E", &["infer::classify"]));
        assert!(!is_core("__aeabi_memcpy", &["infer::classify"]));
        assert!(is_core("_ZN53_$LT$P$u20$as$u20$ff_core..snapshot..saved..Saved$GT$5block17hf77a5d84591a0015E", &[]));
    }

    #[test]
    fn tables_stand_between_marks() {
        let page = format!("before\n{BEGIN}tables\n{END}after\n");
        let (before, kept, after) = split(&page).unwrap();
        assert_eq!((before.ends_with(BEGIN), kept, after.starts_with(END)), (true, "tables\n", true));
        assert!(split("no marks").is_none());
    }
}
