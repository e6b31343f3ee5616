//! `ff recipe`: which recipes there are, and what is in them.

use clap::{Args, Subcommand};

use crate::output::{self, say};
use crate::recipe::Recipe;

/// List and show recipes.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct RecipeArgs {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  ff recipe list
  ff recipe show classic > mine.toml     a copy to change
  ff train --recipe mine.toml";

const LIST_EXAMPLES: &str = "\
Example:
  ff recipe list                         each name with what it is for";

const SHOW_EXAMPLES: &str = "\
Examples:
  ff recipe show fast
  ff recipe show digits8x8 > mine.toml && ff train --recipe mine.toml";

#[derive(Subcommand, Clone, Debug)]
enum Action {
    /// List the shipped recipes
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Print a recipe as TOML: a start for one of your own
    #[command(after_help = SHOW_EXAMPLES)]
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
                say!("{name:18} {}", Recipe::find(name)?.summary);
            }
        }
        Action::Show { name } => output::text(format_args!("{}", Recipe::shipped_text(name)?)),
    }
    Ok(())
}
