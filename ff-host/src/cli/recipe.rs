//! `ff recipe`: which recipes there are, and what is in them.

use clap::{Args, Subcommand};

use super::source::{DatasetArgs, Terminal};
use crate::output::{self, say};
use crate::recipe::{Recipe, Suggestion, suggest};

/// List, show and check recipes.
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
  ff recipe check mine.toml
  ff train --recipe mine.toml

A recipe of your own may be short: what it leaves out it takes from the shipped one that it names.
  base = \"fast\"
  epochs = 10
  learning_rate = 0.001";

const LIST_EXAMPLES: &str = "\
Example:
  ff recipe list                         each name with what it is for";

const CHECK_EXAMPLES: &str = "\
Example:
  ff recipe check mine.toml              all that is wrong with it, or that nothing is";

const SUGGEST_EXAMPLES: &str = "\
It is the recipe that `ff train` takes where none is named.

Examples:
  ff recipe suggest my.csv
  ff recipe suggest log.csv --recording session --window 50";

const SHOW_EXAMPLES: &str = "\
Examples:
  ff recipe show fast
  ff recipe show digits8x8 > mine.toml   a copy to change";

#[derive(Subcommand, Clone, Debug)]
enum Action {
    /// List the shipped recipes
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Print a recipe as TOML: a start for one of your own
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// A shipped recipe or a TOML file
        name: String,
    },
    /// Say which shipped recipe suits data, and why
    #[command(after_help = SUGGEST_EXAMPLES)]
    Suggest(Box<DatasetArgs>),
    /// Tell all that is wrong with a recipe
    #[command(after_help = CHECK_EXAMPLES)]
    Check {
        /// A TOML file
        file: String,
    },
}

/// Carries the command out.
///
/// # Errors
/// An unknown recipe, one with mistakes, or data that cannot be had.
pub fn run(args: &RecipeArgs) -> anyhow::Result<()> {
    match &args.action {
        Action::List => {
            for name in Recipe::shipped() {
                say!("{name:18} {}", Recipe::find(name)?.summary);
            }
        }
        Action::Suggest(source) => {
            let Suggestion { recipe, why } = suggest(&source.load(&mut Terminal::default())?);
            say!("{recipe}: {why}");
        }
        Action::Check { file } => say!("{file} is a recipe: {}", Recipe::find(file)?.summary),
        Action::Show { name } => output::text(format_args!("{}", Recipe::find(name)?.to_commented_toml()?)),
    }
    Ok(())
}
