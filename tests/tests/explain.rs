//! `ff explain`, run as a user runs it.

mod cli_support;

use std::path::Path;

use cli_support::ff;
use tempfile::TempDir;

fn trained() -> TempDir {
    let folder = TempDir::new().unwrap();
    let output = ff(folder.path(), "train --dataset digits8x8 --epochs 3 --layers 32,32 --threads 1 --out run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

#[test]
fn a_report_its_pictures_and_its_arrays() {
    let folder = trained();
    let output = ff(folder.path(), "explain run --index 3,17 --npy --json");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["images"][1]["index"], 17);
    let out = folder.path().join("run/explain");
    for name in told["images"][0]["files"].as_array().unwrap() {
        assert!(std::fs::read(out.join(name.as_str().unwrap())).unwrap().starts_with(b"\x89PNG"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        std::fs::write(out.join("plain"), "").unwrap();
        let name = told["images"][0]["files"][0].as_str().unwrap();
        assert_eq!(mode(&out.join(name)), mode(&out.join("plain")), "the umask decides who may read a picture");
    }
    let report = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(report.contains("data:image/png;base64,") && !report.contains("src=\"http"));
    let array = std::fs::read(out.join("maps.npy")).unwrap();
    assert!(array.starts_with(b"\x93NUMPY") && array.windows(9).any(|part| part == b"(2, 8, 8)"));
    assert_eq!(array.len() % 64, 0);
    let (floats, _) = array[array.len() - 2 * 64 * 4..].as_chunks::<4>();
    for (map, image) in floats.chunks(64).zip(told["images"].as_array().unwrap()) {
        let told = |name: &str| image["map"][name].as_f64().unwrap();
        let sum: f64 = map.iter().map(|&bytes| f64::from(f32::from_le_bytes(bytes))).sum();
        let difference = told("score") - told("baseline_score") - told("label_share") - told("bias_share");
        assert!(sum != 0.0 && (sum - difference).abs() < 1e-4 * told("score").abs(), "{sum} for {image}");
    }
}

/// Damaged metrics cost the curves alone, and a label is compared with the runner-up instead of itself.
#[test]
fn a_report_is_made_of_what_there_is() {
    let folder = trained();
    std::fs::write(folder.path().join("run/metrics.json"), "{").unwrap();
    std::fs::create_dir(folder.path().join("out")).unwrap();
    std::fs::write(folder.path().join("out/.tmp-ff-half"), "of a killed process").unwrap();
    let output = ff(folder.path(), "explain run --index 3 --json --out out");
    assert!(output.status.success());
    assert!(!folder.path().join("out/.tmp-ff-half").exists());
    assert!(String::from_utf8_lossy(&output.stderr).contains("metrics.json holds no curves"));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let image = &told["images"][0];
    let (seen, runner_up) = (image["predicted"].as_u64().unwrap(), image["runner_up"].as_u64().unwrap());
    let output = ff(folder.path(), &format!("explain run --index 3 --json --out out --against {seen}"));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(told["images"][0]["target"].as_str().unwrap().ends_with(&runner_up.to_string()), "{told}");
}

#[cfg(unix)]
#[test]
fn a_folder_may_have_any_name() {
    use std::os::unix::ffi::OsStrExt;
    let folder = trained();
    let name = std::ffi::OsStr::from_bytes(b"r\xff");
    std::fs::rename(folder.path().join("run"), folder.path().join(name)).unwrap();
    let mut command = cli_support::command(folder.path(), "explain --index 3 --json");
    let output = command.arg(name).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join(name).join("explain/report.html").exists());
}

#[test]
fn bad_wishes_are_named() {
    let folder = trained();
    std::fs::write(folder.path().join("no.png"), "text").unwrap();
    for (words, needle) in [
        ("--index 5000", "0 to 358"),
        ("--class 10", "0 to 9"),
        ("--against 10", "0 to 9"),
        ("--against nobody", "runner-up"),
        ("--image no.png", "no.png is no readable PNG"),
        ("--image none.png", "none.png"),
        ("--count 0", "count"),
    ] {
        let output = ff(folder.path(), &format!("explain run {words}"));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(needle), "`{words}`: {text}");
    }
}
