//! The header that is kept is the one that cbindgen makes of the source now.
//!
//! `FF_BLESS=1 cargo test --test header` keeps a new one.

use std::path::Path;
use std::{env, fs};

#[test]
fn the_header_is_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let files = ["status", "config", "rules", "api"].map(|name| folder.join(format!("src/{name}.rs")));
    let builder =
        files.iter().fold(cbindgen::Builder::new().with_config(config), |builder, file| builder.with_src(file));
    let mut made = Vec::new();
    builder.generate().unwrap().write(&mut made);
    let kept = folder.join("include/ff.h");
    if env::var_os("FF_BLESS").is_some() {
        fs::write(&kept, &made).unwrap();
    }
    let same = fs::read(&kept).is_ok_and(|kept| kept == made);
    assert!(same, "include/ff.h is not what the source says: FF_BLESS=1 cargo test --test header");
}
