//! Recipes: short ones, wrong ones, and those that earlier versions left behind.

mod cli_support;

use std::fs;
use std::path::{Path, PathBuf};

use cli_support::{ff, text};
use ff_host::recipe::{Recipe, RuleKind};
use tempfile::TempDir;

fn earlier(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("earlier").join(name)
}

/// What is said of a text that is no recipe, a line each.
fn mistakes(text: &str) -> Vec<String> {
    let error = Recipe::parse("mine.toml", text).unwrap_err().to_string();
    error.lines().map(str::to_owned).collect()
}

#[test]
fn three_lines_are_a_recipe() {
    let recipe = Recipe::parse("folder/mine.toml", "base = \"fast\"\nepochs = 3\nlearning_rate = 0.01\n").unwrap();
    let fast = Recipe::find("fast").unwrap();
    assert_eq!((recipe.name.as_str(), recipe.epochs, recipe.learning_rate), ("mine", 3, 0.01));
    assert_eq!(recipe.summary, "fast with other epochs, learning_rate");
    let Recipe { name, summary, epochs, learning_rate, .. } = fast.clone();
    assert_eq!(Recipe { name, summary, epochs, learning_rate, ..recipe }, fast);
}

#[test]
fn another_rule_takes_over_what_both_have() {
    let file = "base = \"digits8x8\"\n[rule]\nkind = \"n-way\"\nskip_error_below = 0.1\n";
    let rule = Recipe::parse("mine.toml", file).unwrap().rule;
    let fields = rule.options();
    assert_eq!((rule.kind(), fields.skip_error_below), (RuleKind::NWay, Some(0.1)));
    assert_eq!((fields.readout_learning_rate, fields.readout_weight_decay), (Some(0.1), Some(0.003)));
    assert_eq!(fields.threshold, None);
}

#[test]
fn four_mistakes_are_told_at_once() {
    let file = "\
base = \"fast\"
epochs = 0
learnin_rate = 0.01
dropout = \"much\"

[rule]
kind = \"n-wya\"
";
    let said = mistakes(file);
    assert_eq!(
        said,
        [
            "mine.toml has 4 mistakes:",
            "  line 2: epochs = 0 is out of range: it must be from 1 to 1000000",
            "  line 3: there is no field `learnin_rate`; did you mean `learning_rate`?",
            "  line 4: dropout = \"much\": a number is needed",
            "  line 7: kind = \"n-wya\": one of classic, mean-square, symba, minimised, unsupervised, n-way, groups, \
             local-cross-entropy is needed; did you mean `n-way`?",
        ]
    );
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("mine.toml"), file).unwrap();
    let output = ff(folder.path(), "recipe check mine.toml");
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stderr);
    assert!(said.iter().all(|line| shown.contains(line.as_str())), "{shown}");
}

#[test]
fn a_mistake_is_told_once() {
    let table = [
        ("base = \"fsat\"", "line 1: base = \"fsat\": one of fast, "),
        ("base = \"fast\"\nrule = \"n-way\"", "line 2: the rule is a table: write `[rule]`"),
        ("base = \"fast\"\ntemperature = 2", "line 2: `temperature` belongs to the rule: write it below `[rule]`"),
        ("base = \"fast\"\n[rule]\nepochs = 2", "line 3: `epochs` is no field of a rule: write it above `[rule]`"),
        (
            "base = \"fast\"\n[rule]\nthreshold = 2",
            "line 3: `threshold` is no field of the rule local-cross-entropy, which has label_smoothing, ",
        ),
        ("base = \"fast\"\nrate = 0.1\nlearning_rate = 0.1", "`learning_rate` is given twice"),
        ("base = \"fast\"\nlayers = [10, -1]", "line 2: layers = [10, -1]: a list of widths is needed"),
        ("base = \"fast\"\ncentre = 1", "line 2: centre = 1: true or false is needed"),
        ("base = \"fast\"\nschedule = \"cosin\"", "did you mean `cosine`?"),
        ("base = \"fast\"\nname = \"../mine\"", "line 2: name = \"../mine\" is out of range"),
        (
            "base = \"classic\"\n[rule]\nreadout = \"none\"",
            "negatives = \"hard\" is out of range: it must be \"uniform\" where readout = \"none\"",
        ),
        ("epochs = ", "line 1: "),
    ];
    for (text, needle) in table {
        let said = mistakes(text);
        let whole = said.join("\n");
        assert!(whole.contains(needle), "{text:?}: {needle:?} is not in: {whole}");
        assert!(said.len() == 1 || !text.contains("base = \"fast\"") && !text.contains("classic"), "{text:?}: {whole}");
    }
}

#[test]
fn what_is_shown_is_the_recipe() {
    let folder = TempDir::new().unwrap();
    for name in Recipe::shipped() {
        let shown = text(&ff(folder.path(), &format!("recipe show {name}")).stdout);
        assert_eq!(Recipe::parse(name, &shown).unwrap(), Recipe::find(name).unwrap());
        let fields = shown.lines().filter(|line| line.contains(" = ")).skip(2);
        assert!(fields.clone().count() > 20);
        fields.for_each(|line| assert!(line.contains(" # "), "{name}: nothing is told of {line}"));
    }
    fs::write(folder.path().join("mine.toml"), "base = \"fast\"\nepochs = 3\n").unwrap();
    let output = ff(folder.path(), "recipe check mine.toml");
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), "mine.toml is a recipe: fast with other epochs\n");
}

/// In their flat form rules had fields of other rules, which are left out.
#[test]
fn flat_recipes_of_earlier_versions_are_what_they_were() {
    let names = fs::read_dir(earlier("recipes")).unwrap().map(|entry| entry.unwrap().path());
    let names: Vec<_> = names.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), 9);
    for name in &names {
        let file = fs::read_to_string(earlier(&format!("recipes/{name}.toml"))).unwrap();
        assert!(file.contains("\nbatch = ") && !file.contains("batch_size"), "{name} is no earlier recipe");
        assert_eq!(Recipe::parse(name, &file).unwrap(), Recipe::find(name).unwrap());
    }
}

#[test]
fn a_run_of_an_earlier_version_is_read_whole() {
    let folder = TempDir::new().unwrap();
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    for name in ["metrics.json", "model.safetensors", "recipe.toml"] {
        fs::copy(earlier("run").join(name), run.join(name)).unwrap();
    }
    let metrics: serde_json::Value = serde_json::from_slice(&fs::read(run.join("metrics.json")).unwrap()).unwrap();
    let eval = ff(folder.path(), "eval run --json");
    let tested: serde_json::Value = serde_json::from_slice(&eval.stdout).unwrap();
    assert_eq!(tested["errors_goodness"], metrics["test"]["errors_goodness"]);
    let model = ff_host::run::Model::load(&run).unwrap();
    let kept = Recipe::find(run.join("recipe.toml").to_str().unwrap()).unwrap();
    assert_eq!(model.about.recipe, kept);
    assert_eq!((kept.learning_rate, kept.weight_average), (0.03, 0.5));
    assert_eq!(kept.rule.options().skip_error_below, Some(0.1));
    let output = ff(folder.path(), "export run --firmware --out src");
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// Whoever has scripts with the old names goes on.
#[test]
fn old_options_are_still_understood() {
    let folder = TempDir::new().unwrap();
    let train = |out: &str, words: &str| {
        let words = format!("train --dataset digits8x8 --layers 8 --epochs 1 --out {out} {words}");
        let output = ff(folder.path(), &words);
        assert!(output.status.success(), "{}", text(&output.stderr));
        fs::read_to_string(folder.path().join(out).join("recipe.toml")).unwrap()
    };
    let old = "--rate 0.1 --decay 0.01 --batch 30 --average 0.5 --plain 0.5 --both-ways true --readout-rate 0.2 \
               --readout-decay 0.02 --scored-layers 0";
    let new = "--learning-rate 0.1 --weight-decay 0.01 --batch-size 30 --weight-average 0.5 --finetune-tail 0.5 \
               --flip-tta true --readout-learning-rate 0.2 --readout-weight-decay 0.02 --first-scored-layer 0";
    assert_eq!(train("old", old), train("new", new));
    let help = text(&ff(folder.path(), "train --help").stdout);
    assert!(help.contains("--learning-rate <X>") && !help.contains("--rate "), "{help}");
}
