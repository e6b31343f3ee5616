//! `ff export --firmware`: what it writes compiles without std and scores as the host does, bit for bit.

mod cli_support;

use std::fs;
use std::path::Path;
use std::process::Command;

use cli_support::{ff, text};
use ff_core::classify;
use ff_core::kernel::Portable;
use ff_core::onepass::{self, LabelGroups, LocalCrossEntropy, NWay};
use ff_core::sample;
use ff_embedded::digits;
use ff_host::recipe::Rule;
use ff_host::run::Model;
use tempfile::TempDir;

/// Module names, and how each network is trained: every way to be scored, with and without pooling.
const MODELS: [(&str, &str); 6] = [
    ("classic", "--readout none --negatives uniform"),
    ("minimised", "--rule minimised --threshold 0.3"),
    ("unsupervised", "--rule unsupervised --layers 24,24"),
    ("n_way", "--recipe n-way --layers 24,16,12"),
    ("groups", "--recipe groups --layers 20,20"),
    ("local", "--recipe fast --layers 20 --pool 2"),
];

/// Digits that are scored.
const DIGITS: usize = 40;

#[test]
fn exported_networks_score_without_std_as_on_the_host() {
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("firmware/src");
    for (name, how) in MODELS {
        let words = format!("train --dataset digits8x8 --epochs 2 --layers 24,24 --threads 1 {how} --out {name}");
        let words = if how.contains("--layers") { words.replacen("--layers 24,24 ", "", 1) } else { words };
        let output = ff(folder.path(), &words);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        let output = ff(folder.path(), &format!("export {name} --firmware --out firmware/src --name {name}"));
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
    }
    let told = fs::read_to_string(source.join("n_way.rs")).unwrap();
    assert!(told.contains("rule n-way, seed 1, 2 epochs") && told.contains("of 359 wrong by goodness"), "{told}");
    write_crate(&folder.path().join("firmware"));
    let device = build_and_run(&folder.path().join("firmware"));
    let host: String = MODELS.iter().map(|(name, _)| scores_of(name, &folder.path().join(name))).collect();
    assert!(device == host, "the scores differ:\n{device}\n{host}");
    in_c(folder.path(), &host);
}

/// The same in C, with the library for C: every rule that it has.
fn in_c(folder: &Path, host: &str) {
    let models: Vec<_> = MODELS.iter().map(|(name, _)| *name).filter(|&name| name != "unsupervised").collect();
    for name in &models {
        let output = ff(folder, &format!("export {name} --c --out include --name {name}"));
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
    }
    let output = ff(folder, "export unsupervised --c --out include");
    assert!(text(&output.stderr).contains("without labels"), "{}", text(&output.stderr));

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let bindings = root.join("bindings/c");
    let target = folder.join("target");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--offline", "--quiet", "--target-dir"]).arg(&target).current_dir(&bindings);
    assert!(cargo.status().unwrap().success(), "the library for C does not build");
    fs::write(folder.join("main.c"), program_in_c(&models)).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-Iinclude", "main.c", "-o", "main", "-I"]);
    compiler
        .arg(bindings.join("include"))
        .arg(format!("-DDIGITS_FILE=\"{}\"", root.join("ff-host/assets/digits8x8.bin").display()));
    compiler.arg("-I").arg(bindings.join("examples")).arg(target.join("debug/libff.a"));
    compiler.args(["-lm", "-lpthread", "-ldl"]).current_dir(folder);
    assert!(compiler.status().unwrap().success(), "what was exported is no C");
    let output = Command::new(folder.join("main")).output().unwrap();
    let host: String =
        host.lines().filter(|line| !line.starts_with("unsupervised")).map(|line| format!("{line}\n")).collect();
    assert_eq!(text(&output.stdout), host);
}

/// A program that prints what the host's lines hold.
fn program_in_c(models: &[&str]) -> String {
    let includes: String = models.iter().map(|name| format!("#include \"{name}.h\"\n")).collect();
    let calls: String = models.iter().map(|name| format!("  PRINT({name}, {});\n", name.to_uppercase())).collect();
    format!(
        r#"#include <stdio.h>
#include <string.h>
#include "digits.h"
{includes}
#define PRINT(name, upper)                                              \
  do {{                                                                  \
    static float memory[upper##_FLOATS], features_of[upper##_FEATURES]; \
    static ff_network network;                                          \
    if (name##_start(&network, memory) != FF_STATUS_OK) return 1;       \
    for (int digit = 4; digit < 5 * {DIGITS}; digit += 5) {{             \
      float scores[upper##_CLASSES];                                    \
      uint8_t label;                                                    \
      name##_features(digits[digit], features_of);                      \
      if (ff_classify(&network, features_of, scores, &label)) return 1; \
      printf(#name " [");                                               \
      for (int c = 0; c < upper##_CLASSES; c++) {{                       \
        uint32_t bits;                                                  \
        memcpy(&bits, scores + c, 4);                                   \
        printf("%s%08x", c ? ", " : "", bits);                          \
      }}                                                                 \
      printf("]\n");                                                    \
    }}                                                                   \
  }} while (0)

int main(void) {{
{calls}  return 0;
}}
"#
    )
}

/// A library without std that holds the exported files, and a program that prints its scores' bits.
fn write_crate(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = format!(
        "[package]\nname = \"firmware\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         ff-core = {{ path = {:?} }}\nff-embedded = {{ path = {:?} }}\n",
        root.join("ff-core"),
        root.join("ff-embedded")
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The versions that the project uses, which are there already.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let modules: String = MODELS.iter().map(|(name, _)| format!("pub mod {name};\n")).collect();
    fs::write(folder.join("src/lib.rs"), format!("#![no_std]\n#![deny(warnings)]\n{modules}")).unwrap();
    let calls: String = MODELS.iter().map(|(name, _)| format!("    print!({name});\n")).collect();
    let main = format!(
        "macro_rules! print {{
    ($module:ident) => {{{{
        use firmware::$module::*;
        for digit in ff_embedded::digits::held_out().take({DIGITS}) {{
            let (mut image, mut scores) = ([0.0; FEATURES], [0.0; CLASSES]);
            features(digit.pixels(), &mut image);
            firmware::$module::scores(&NET, &image, &mut [0.0; SCRATCH], &mut scores).unwrap();
            println!(\"{{}} {{:08x?}}\", stringify!($module), scores.map(f32::to_bits));
        }}
    }}}};
}}

fn main() {{
{calls}}}
"
    );
    fs::write(folder.join("src/main.rs"), main).unwrap();
}

fn build_and_run(folder: &Path) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--offline", "--quiet"]).current_dir(folder);
    let output = cargo.env("CARGO_TARGET_DIR", folder.join("target")).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// The same lines from the model file, with the kernel that devices have.
fn scores_of(name: &str, run: &Path) -> String {
    let Model { network, about } = Model::load(run).unwrap();
    let (recipe, scored) = (&about.recipe, about.recipe.scored());
    let mut lines = String::new();
    for digit in digits::held_out().take(DIGITS) {
        let mut image = vec![0.0; 64];
        sample::from_bytes(digit.pixels(), 1.0 / 16.0, &mut image).unwrap();
        if recipe.pool == 2 {
            let mean = |cell: usize| {
                let corner = cell / 4 * 16 + cell % 4 * 2;
                (image[corner] + image[corner + 1] + image[corner + 8] + image[corner + 9]) * 0.25
            };
            image = (0..16).map(mean).collect();
        }
        let (scratch, mut scores) = (&mut [0.0; 2000], [0.0_f32; 10]);
        let (net, kernel) = (&network, &mut Portable);
        match recipe.rule {
            Rule::NWay { temperature, .. } => {
                onepass::scores(&NWay { temperature }, net, &image, scored, scratch, kernel, &mut scores)
            }
            Rule::Groups { temperature, .. } => {
                onepass::scores(&LabelGroups { temperature }, net, &image, scored, scratch, kernel, &mut scores)
            }
            Rule::LocalCrossEntropy { .. } => {
                onepass::scores(&LocalCrossEntropy, net, &image, scored, scratch, kernel, &mut scores)
            }
            Rule::Unsupervised { .. } => classify::by_readout(net, &image, scratch, kernel, &mut scores),
            _ => classify::by_goodness(net, &image, scored, scratch, kernel, &mut scores),
        }
        .unwrap();
        let signed = scores.map(|score| (recipe.rule.sign() * score).to_bits());
        lines += &format!("{name} {signed:08x?}\n");
    }
    lines
}

#[test]
fn what_a_device_cannot_run_is_refused_with_the_way_out() {
    let folder = TempDir::new().unwrap();
    for (how, word) in [
        ("--layers 8,8,8,8,8", "5 layers"),
        ("--layers 8 --centre true", "--centre false"),
        ("--layers 8 --standardise true", "--standardise false"),
        ("--layers 8 --gamma 0.5", "--gamma 1"),
        ("--layers 8 --flip-tta true", "--flip-tta false"),
        ("--layers 8 --overlay first-pixels", "--overlay none"),
        ("--layers 900,600", "KiB"),
    ] {
        let words = format!("train --dataset digits8x8 --epochs 1 --threads 1 {how} --out run --force");
        assert!(ff(folder.path(), &words).status.success(), "{words}");
        let output = ff(folder.path(), "export run --firmware --out out");
        assert_eq!(output.status.code(), Some(1), "{how}");
        assert!(text(&output.stderr).contains(word), "{how}: {}", text(&output.stderr));
        assert!(!folder.path().join("out").exists(), "{how}: something was written");
    }
}

#[test]
fn files_are_replaced_only_when_told_to() {
    let folder = TempDir::new().unwrap();
    cli_support::train(folder.path(), "run", "");
    let export = |more: &str| ff(folder.path(), &format!("export run --firmware --out out {more}"));
    assert!(export("").status.success());
    assert!(text(&export("").stderr).contains("--force"));
    assert!(export("--force").status.success() && export("--name digits").status.success());
    assert_eq!(export("--name fn").status.code(), Some(2));
    assert_eq!(ff(folder.path(), "export run --out out").status.code(), Some(2));
}
