//! What a command line or a file says instead of a recipe's own.

use clap::Args;

use super::{Field, Problem, Recipe, RecipeError, RecipeOptions, RuleOptions, limit};
use crate::rule::{Rule, RuleKind};

/// Any of a recipe's fields. Each is an option of the command line, where fields have `-` for `_`.
#[derive(Args, Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// The recipe's name, which is no option.
    #[arg(skip)]
    pub name: Option<String>,
    /// Its summary, neither.
    #[arg(skip)]
    pub summary: Option<String>,
    /// The recipe's own fields.
    #[command(flatten)]
    pub recipe: RecipeOptions,
    /// The learning rule; it takes over what it has in common with the recipe's.
    #[arg(
        long = "rule",
        value_name = "RULE",
        help = "The learning rule; it takes over what it has in common with the recipe's",
        help_heading = "The learning rule, instead of the recipe's own"
    )]
    pub kind: Option<RuleKind>,
    /// The rule's fields.
    #[command(flatten)]
    pub rule: RuleOptions,
}

impl Overrides {
    /// The options that give this recipe.
    pub(super) fn of(recipe: &Recipe) -> Self {
        Self {
            name: Some(recipe.name.clone()),
            summary: Some(recipe.summary.clone()),
            recipe: RecipeOptions::of(recipe),
            kind: Some(recipe.rule.kind()),
            rule: recipe.rule.options(),
        }
    }

    /// These fields; where one is not set, `base`'s.
    pub(super) fn or(self, base: Self) -> Self {
        Self {
            name: self.name.or(base.name),
            summary: self.summary.or(base.summary),
            recipe: self.recipe.or(base.recipe),
            kind: self.kind.or(base.kind),
            rule: self.rule.or(base.rule),
        }
    }

    /// The recipe with these in place of its own.
    ///
    /// # Errors
    /// Fields out of range, and fields that contradict each other.
    pub fn apply(&self, recipe: Recipe) -> Result<Recipe, RecipeError> {
        self.clone().or(Self::of(&recipe)).whole().map_err(|problems| RecipeError::Wrong {
            source_name: None,
            problems: problems.into_iter().map(|Wrong { text, .. }| Problem { line: None, text }).collect(),
        })
    }

    /// The names of the fields that are set.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let kind = self.kind.map(|_| "rule");
        self.recipe.given().into_iter().chain(kind).chain(self.rule.given()).collect()
    }

    /// Fields that are set and change nothing under this rule.
    pub fn without_effect(&self, rule: &Rule) -> impl Iterator<Item = &'static Field> {
        let given = self.rule.given().into_iter();
        let idle: Vec<_> = given.filter(|field| !rule.has(field) || rule.idle().contains(field)).collect();
        RuleOptions::FIELDS.iter().filter(move |field| idle.contains(&field.name))
    }

    /// The rule with its fields; none where nothing says which.
    pub(super) fn rule(&self) -> Option<Rule> {
        let mut fields = self.rule.clone();
        fields.readout_learning_rate = fields.readout_learning_rate.or(self.recipe.learning_rate);
        self.kind.map(|kind| Rule::of(kind, &fields))
    }

    /// The whole recipe, or each field that is wrong with what is wrong with it.
    pub(super) fn whole(self) -> Result<Recipe, Vec<Wrong>> {
        let rule = self.rule();
        let mut missing = self.recipe.missing();
        missing.extend(self.name.is_none().then_some("name"));
        missing.extend(self.kind.is_none().then_some("rule"));
        let named = self.name.as_deref().map_or(Ok(()), limit::name);
        let refused = [self.recipe.refused(), self.rule.refused()].concat().into_iter();
        let refused = refused.chain(named.err().map(|text| ("name", text)));
        let refused = refused.chain(rule.and_then(|rule| rule.contradiction()));
        let mut problems: Vec<_> = refused.map(|(field, text)| Wrong { field, is_missing: false, text }).collect();
        problems.extend(missing.into_iter().map(Wrong::missing));
        if problems.is_empty()
            && let (Some(name), Some(rule)) = (self.name, rule)
            && let Some(recipe) = self.recipe.whole(name, self.summary.unwrap_or_default(), rule)
        {
            return Ok(recipe);
        }
        Err(problems)
    }
}

/// What is wrong with a field.
pub(super) struct Wrong {
    pub field: &'static str,
    pub is_missing: bool,
    pub text: String,
}

impl Wrong {
    fn missing(field: &'static str) -> Self {
        Self { field, is_missing: true, text: format!("the field `{field}` is missing") }
    }
}
