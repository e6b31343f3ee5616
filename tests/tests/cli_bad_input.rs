//! Bad input to every command: one clear line that names the offender, and the right exit code.

mod cli_support;
mod data_support;

use std::fs;
use std::path::Path;

use cli_support::{SMALL, ff, text, train};
use data_support::{DIGITS, gzip, header};
use tempfile::TempDir;

/// A command line that the program refuses with exit code 2, as clap does.
const USAGE: i32 = 2;
/// Input that turns out to be bad.
const ERROR: i32 = 1;

/// Runs the words and asserts how they are refused; returns what was said.
#[track_caller]
fn refused(folder: &Path, words: &str, code: i32, needles: &[&str]) -> String {
    let output = ff(folder, words);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "`{words}` said {said:?}");
    assert!(!said.contains("panicked") && !said.contains("backtrace"), "`{words}` panicked: {said}");
    assert!(said.contains("error: "), "`{words}`: {said}");
    for needle in needles {
        assert!(said.contains(needle), "`{words}`: {needle:?} is not in: {said}");
    }
    said
}

/// The same, where the error is a single line and the only one.
#[track_caller]
fn refused_in_a_line(folder: &Path, words: &str, needles: &[&str]) {
    let said = refused(folder, words, ERROR, needles);
    assert_eq!(said.lines().count(), 1, "`{words}` said more than a line: {said}");
    assert!(said.starts_with("error: "), "`{words}`: {said}");
}

#[test]
fn words_that_no_command_knows() {
    let folder = TempDir::new().unwrap();
    let table: [(&str, &[&str]); 18] = [
        ("", &["Usage: ff"]),
        ("trian", &["trian", "train"]),
        ("train --epoch 3", &["--epoch", "--epochs"]),
        ("train --dataset nothing", &["nothing", "mnist, fashion-mnist, digits8x8"]),
        ("train --split half", &["half", "default, writer-shift"]),
        ("train --layers abc", &["`abc` is no width", "1000,1000"]),
        ("train --layers 10,,10", &["no width"]),
        ("train --layers -5", &["-5"]),
        ("train --epochs many", &["many", "--epochs"]),
        ("train --epochs -1", &["-1"]),
        ("train --learning-rate fast", &["fast", "--learning-rate"]),
        ("train --schedule never", &["never", "half-linear"]),
        ("train --negatives soft", &["soft", "hard"]),
        ("train --threads 0", &["1 to 1024"]),
        ("train --seed -1", &["-1"]),
        ("train --classes 7-0", &["7-0", "0,2,5-9"]),
        ("train --goodness-every 0", &["--goodness-every"]),
        ("data show --part middle", &["middle", "train"]),
    ];
    for (words, needles) in table {
        let output = ff(folder.path(), words);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(USAGE), "`{words}`: {said}");
        for needle in needles {
            assert!(said.contains(needle), "`{words}`: {needle:?} is not in: {said}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "a refused command left something behind");
}

#[test]
fn settings_out_of_range() {
    let folder = TempDir::new().unwrap();
    let table: [(&str, &[&str]); 23] = [
        ("--layers 0", &["layers = [0]", "from 1 to 16384"]),
        ("--layers 10,0", &["layers = [10, 0]"]),
        ("--layers 1,1,1,1,1,1,1,1,1", &["1 to 8 widths"]),
        ("--layers 99999999", &["layers"]),
        ("--epochs 0", &["epochs = 0", "from 1 to"]),
        ("--batch-size 0", &["batch_size = 0"]),
        ("--learning-rate nan", &["learning_rate = NaN"]),
        ("--learning-rate inf", &["learning_rate = inf"]),
        ("--rate=-0.1", &["learning_rate = -0.1"]),
        ("--momentum 1", &["momentum = 1"]),
        ("--weight-decay nan", &["weight_decay = NaN"]),
        ("--threshold=-1", &["threshold = -1"]),
        ("--temperature 0", &["temperature = 0"]),
        ("--peer inf", &["peer = inf"]),
        ("--readout-learning-rate nan", &["readout_learning_rate = NaN"]),
        ("--dropout 1", &["dropout = 1"]),
        ("--jitter 9", &["jitter = 9"]),
        ("--first-scored-layer 8", &["first_scored_layer = 8"]),
        ("--readout none", &["negatives", "uniform"]),
        ("--validation 1438", &["--validation 1438", "none of the 1438 training images"]),
        ("--validation 99999999", &["--validation 99999999"]),
        ("--recipe nothing", &["nothing", "fast, mnist-record"]),
        ("--classes 0-12", &["digits8x8 has no class 12", "0 to 9"]),
    ];
    for (words, needles) in table {
        refused_in_a_line(folder.path(), &format!("train --dataset digits8x8 --out run {words}"), needles);
    }
    assert!(!folder.path().join("run").exists(), "a refused run left a folder behind");
}

#[test]
fn recipes_that_are_none() {
    let folder = TempDir::new().unwrap();
    let whole = text(&ff(folder.path(), "recipe show fast").stdout);
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    write("empty.toml", "");
    write("field.toml", &whole.replace("learning_rate =", "learning_rat ="));
    write("type.toml", &whole.replace("epochs = 30", "epochs = \"ten\""));
    write("range.toml", &whole.replace("epochs = 30", "epochs = 0"));
    write("name.toml", &whole.replace("name = \"fast\"", "name = \"../fast\""));
    fs::create_dir(folder.path().join("folder.toml")).unwrap();
    let table: [(&str, &[&str]); 7] = [
        ("empty.toml", &["empty.toml has 6 mistakes", "the field `layers` is missing"]),
        ("field.toml", &["field.toml", "there is no field `learning_rat`; did you mean `learning_rate`?"]),
        ("type.toml", &["type.toml: line 9: epochs = \"ten\": a whole number is needed"]),
        ("range.toml", &["range.toml: line 9: epochs = 0 is out of range"]),
        ("name.toml", &["name.toml: line 1: name = \"../fast\" is out of range"]),
        ("folder.toml", &["cannot read the recipe folder.toml"]),
        ("missing.toml", &["cannot read the recipe missing.toml"]),
    ];
    for (recipe, needles) in table {
        refused(folder.path(), &format!("train --dataset digits8x8 --recipe {recipe}"), ERROR, needles);
    }
    refused_in_a_line(folder.path(), "recipe show nothing", &["nothing", "digits8x8"]);
}

#[test]
fn models_that_are_none() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let smaller = "train --dataset digits8x8 --epochs 1 --layers 32,32 --out other";
    assert!(ff(folder.path(), smaller).status.success());
    let path = folder.path().join("run/model.safetensors");
    let whole = fs::read(&path).unwrap();
    let with_header = |change: &dyn Fn(&str) -> String| {
        let length = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
        let header = change(std::str::from_utf8(&whole[8..8 + length]).unwrap());
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &whole[8 + length..]].concat()
    };
    let other = fs::read(folder.path().join("other/model.safetensors")).unwrap();
    let of_other = u64::from_le_bytes(other[..8].try_into().unwrap()) as usize;
    let mut poisoned = whole.clone();
    let end = poisoned.len();
    // The last four bytes are the checksum.
    poisoned[end - 8..end - 4].copy_from_slice(&f32::INFINITY.to_le_bytes());
    let mut flipped = whole.clone();
    flipped[end - 7] ^= 1;
    let mut huge = whole.clone();
    huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    // The smaller model's header before this one's last numbers.
    let mixed = [&other[..8 + of_other], &whole[whole.len() - (other.len() - 8 - of_other)..]].concat();

    let table: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "no usable model"),
        (whole[..7].to_vec(), "no usable model"),
        (whole[..whole.len() / 2].to_vec(), "no usable model"),
        (whole[..whole.len() - 1].to_vec(), "no usable model"),
        ([&whole[..], &[0]].concat(), "no usable model"),
        (huge, "no usable model"),
        (br#"{"a": 1}"#.to_vec(), "no usable model"),
        (fs::read(folder.path().join("run/metrics.json")).unwrap(), "no usable model"),
        (with_header(&|h| h.replace("forward-forward", "forward-backward")), "no training record"),
        (with_header(&|h| h.replace(r#"\"format\":2"#, r#"\"format\":3"#)), "format 3"),
        (with_header(&|h| h.replace(r#"\"classes\":10"#, r#"\"classes\":1"#)), "classes"),
        (with_header(&|h| h.replace(r#"\"width\":8"#, r#"\"width\":9"#)), "shapes"),
        (with_header(&|h| h.replace(r#"\"width\":8"#, r#"\"width\":18446744073709551615"#)), "no usable model"),
        (with_header(&|h| h.replace("[64,64],\\\"pool", "[64,65],\\\"pool")), "shapes"),
        (with_header(&|h| h.replace("layer1.weights", "layer9.weights")), "layer1.weights is missing"),
        (with_header(&|h| h.replacen("F32", "I32", 1)), "floats"),
        (with_header(&|h| h.replace("digits8x8\\\",\\\"split", "digits9x9\\\",\\\"split")), "digits9x9"),
        (with_header(&|h| h.replace(r#"\"seed\":1"#, r#"\"seed\":3"#)), "damaged"),
        (poisoned, "NaN or infinity"),
        (flipped, "damaged"),
        (mixed, "damaged"),
    ];
    for (bytes, needle) in table {
        assert!(bytes != whole, "{needle}: the file was not changed at all");
        fs::write(&path, bytes).unwrap();
        for words in ["eval run", "eval run/model.safetensors"] {
            refused_in_a_line(folder.path(), words, &["run/model.safetensors", needle]);
        }
    }
    fs::write(&path, &whole).unwrap();
    refused_in_a_line(folder.path(), "eval nowhere", &["cannot read the model nowhere"]);
    refused_in_a_line(folder.path(), "eval run --on validation", &["without validation images"]);
    fs::create_dir(folder.path().join("hollow")).unwrap();
    refused_in_a_line(folder.path(), "eval hollow", &["hollow/model.safetensors"]);
}

/// A data folder in which one file holds these bytes.
fn data_with(name: &str, bytes: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    DIGITS.write(&folder.path().join("data/mnist"));
    fs::write(folder.path().join("data/mnist").join(format!("{name}.gz")), bytes).unwrap();
    folder
}

#[test]
fn data_files_that_are_damaged() {
    let (images, labels) = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
    let packed = &DIGITS.gzip[2];
    let table: [(&str, Vec<u8>, &str); 8] = [
        (images, Vec::new(), "is empty"),
        (images, packed[..packed.len() / 2].to_vec(), "damaged or truncated gzip"),
        (images, b"<html>".to_vec(), "no IDX file of images"),
        (images, header(0x0803, &[10_000, 32, 32]), "images of 32x32 pixels"),
        (images, header(0x0803, &[0, 28, 28]), "declares 0 images"),
        (images, gzip(&DIGITS.plain[2][..784]), "is truncated"),
        (labels, header(0x0801, &[9_999]), "declares 9999 labels"),
        (labels, DIGITS.gzip[2].clone(), "no IDX file of labels"),
    ];
    for (name, bytes, needle) in table {
        let folder = data_with(name, &bytes);
        let named = format!("data/mnist/{name}.gz");
        refused_in_a_line(folder.path(), "train --dataset mnist --data-dir data", &[&named, needle]);
        // Nor does the default go on with other data as if nothing were wrong.
        refused_in_a_line(folder.path(), "train --data-dir data", &[&named, needle]);
    }
}

#[test]
fn data_that_cannot_be_had() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    refused_in_a_line(folder.path(), "train --dataset mnist --data-dir nowhere", &["nowhere is no folder"]);
    refused_in_a_line(folder.path(), "data list --data-dir file", &["file is no folder", "--data-dir"]);
    // Port 1 of this machine: nobody answers.
    let nobody = "http://127.0.0.1:1";
    let needles = [nobody, "--data-dir or FF_DATA_DIR", "--dataset digits8x8"];
    refused(folder.path(), &format!("train --dataset mnist --mirror {nobody}"), ERROR, &needles);
    refused(folder.path(), &format!("data fetch mnist --mirror {nobody}"), ERROR, &needles);
    refused_in_a_line(
        folder.path(),
        "train --dataset mnist --split writer-shift",
        &["mnist has no split writer-shift"],
    );
    refused_in_a_line(folder.path(), "data show --dataset digits8x8 --index 359", &["0 to 358", "no sample 359"]);
}

#[test]
fn a_model_of_other_images() {
    let folder = TempDir::new().unwrap();
    DIGITS.write(&folder.path().join("data/mnist"));
    train(folder.path(), "run", "");
    let said = refused(folder.path(), "eval run --dataset mnist --data-dir data", ERROR, &["8x8", "28x28"]);
    assert!(said.lines().last().unwrap().starts_with("error: "), "{said}");
    refused_in_a_line(folder.path(), &format!("{SMALL} run"), &["run holds a run already", "--force"]);
}
