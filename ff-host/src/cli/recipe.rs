//! `ff recipe`: which recipes there are, and what is in them.

use clap::{Args, Subcommand};

use crate::recipe::Recipe;

/// List and show recipes.
#[derive(Args, Clone, Debug)]
pub struct RecipeArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Clone, Debug)]
enum Action {
    /// List the shipped recipes
    List,
    /// Print a recipe as TOML: a start for one of your own
    Show {
        /// A shipped recipe
        name: String,
    },
}

/// Carries the command out.
///
/// # Errors
/// An unknown recipe.
pub fn run(args: &RecipeArgs) -> anyhow::Result<()> {
    match &args.action {
        Action::List => {
            for name in Recipe::shipped() {
                println!("{name:18} {}", Recipe::find(name)?.summary);
            }
        }
        Action::Show { name } => print!("{}", Recipe::shipped_text(name)?),
    }
    Ok(())
}
