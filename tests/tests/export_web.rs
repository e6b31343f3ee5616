//! `ff export --web`: a folder that is a page with the model as its own.

mod cli_support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cli_support::{ff, text};
use ff_host::data::Shape;
use ff_host::run::Model;
use ff_host::web::{self, Unfit};
use tempfile::TempDir;

#[test]
fn a_page_has_all_files_that_it_names() {
    let folder = TempDir::new().unwrap();
    trained(folder.path());
    let output = ff(folder.path(), "export --web run");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("run/web/index.html"), "{}", text(&output.stdout));
    let page = folder.path().join("run/web");
    let html = fs::read_to_string(page.join("index.html")).unwrap();
    let named: BTreeSet<_> =
        html.split(['"', '\'']).filter(|word| word.ends_with(".js") || word.ends_with(".css")).collect();
    let there: BTreeSet<_> = fs::read_dir(&page).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(named.len() > 5 && named.iter().all(|name| there.contains(Path::new(name).as_os_str())), "{named:?}");
    assert_eq!(there.len(), named.len() + 1, "{there:?}");
    let engine = fs::read_to_string(page.join("engine.js")).unwrap();
    assert!(engine.contains("const ENGINE = \"AGFzbQ"), "no WebAssembly module");

    let again = ff(folder.path(), "export --web run");
    assert!(!again.status.success() && text(&again.stderr).contains("--force"), "{}", text(&again.stderr));
    let output = ff(folder.path(), "export --web run/model.safetensors");
    assert!(!output.status.success() && text(&output.stderr).contains("--out"), "{}", text(&output.stderr));
    let output = ff(folder.path(), "export run --out elsewhere");
    assert!(!output.status.success() && !folder.path().join("elsewhere").exists());
}

#[test]
fn what_the_page_cannot_show_is_refused() {
    let folder = TempDir::new().unwrap();
    trained(folder.path());
    let mut model = Model::load(&folder.path().join("run")).unwrap();
    assert!(web::export(&model).is_ok());
    for shape in [Shape::series(4, 16), Shape::features(65), Shape::grey(2000, 1)] {
        model.about.shape = Some(shape.clone());
        let error = web::export(&model).map(drop).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Unfit::Samples(_))), "{shape}: {error}");
    }
}

fn trained(folder: &Path) {
    let output = ff(folder, "train --dataset digits8x8 --epochs 1 --layers 16 --threads 1 --out run");
    assert!(output.status.success(), "{}", text(&output.stderr));
}
