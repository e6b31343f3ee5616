//! Recipes of any text: refused with a reason, or read so that they can be written and read again.

use ff_host::recipe::Recipe;

/// Reads them as a recipe's file.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Recipe::parse("fuzz.toml", &text) {
        Err(error) => assert!(error.to_string().contains("fuzz.toml"), "{error} does not name its file"),
        Ok(recipe) => {
            let written = recipe.to_toml().expect("a recipe that was read can be written");
            assert_eq!(Recipe::parse("again", &written).ok(), Some(recipe), "{written}");
        }
    }
}

/// The shipped recipes.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    Recipe::shipped().filter_map(|name| Some(Recipe::shipped_text(name).ok()?.as_bytes().to_vec())).collect()
}
