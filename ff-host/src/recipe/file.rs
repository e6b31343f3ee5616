//! Reads a recipe's file, and tells all that is wrong with it at once.

use std::collections::HashMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest::nearest;
use super::overrides::Wrong;
use super::value::Value;
use super::{Field, Overrides, Problem, Recipe, RecipeOptions, RuleOptions};
use crate::rule::{Rule, RuleKind};

/// What is not among the fields: names, and where the others come from.
const HEAD: [&str; 4] = ["name", "summary", "base", "rule"];

/// The recipe that a text tells; it is called `stem` where it is built on another and has no name of its own.
pub(super) fn read(text: &str, stem: &str) -> Result<Recipe, Vec<Problem>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut file =
        File { text, given: Overrides::default(), seen: HashMap::new(), has_base: false, problems: Vec::new() };
    for error in errors {
        file.refuse(error.span(), error.message().to_owned());
    }
    let table = table.into_inner();
    let base = file.base(&table);
    let flat = base.is_none() && table.iter().any(|(key, value)| key.get_ref() == "rule" && value.get_ref().is_str());
    for (key, value) in &table {
        file.entry(key, value, flat);
    }
    if !flat {
        file.foreign_fields(base.as_ref().map(|base| base.rule));
    }
    file.finish(base, stem)
}

/// A file on its way to a recipe.
struct File<'t> {
    text: &'t str,
    given: Overrides,
    /// Fields that the file has, rightly written or not, with their places.
    seen: HashMap<&'static str, Option<Range<usize>>>,
    /// Whether it names what it is built on, rightly or not.
    has_base: bool,
    problems: Vec<Problem>,
}

type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;
type Entry<'i> = Spanned<DeValue<'i>>;

impl File<'_> {
    fn refuse(&mut self, place: Option<Range<usize>>, text: String) {
        let line = place.and_then(|place| self.text.get(..place.start)).map(|above| 1 + above.matches('\n').count());
        self.problems.push(Problem { line, text });
    }

    /// The shipped recipe that it is built on.
    fn base(&mut self, table: &DeTable<'_>) -> Option<Recipe> {
        let (_, value) = table.iter().find(|(key, _)| key.get_ref() == "base")?;
        self.has_base = true;
        let name = value.get_ref().as_str().unwrap_or_default();
        let found = Recipe::shipped_text(name).ok().and_then(|text| read(text, name).ok());
        if found.is_none() {
            let shipped: Vec<_> = Recipe::shipped().collect();
            let text = format!(
                "base = {}: one of {} is needed{}",
                self.source(value),
                shipped.join(", "),
                hint(name, &shipped)
            );
            self.refuse(Some(value.span()), text);
        }
        found
    }

    /// A value as the file has it.
    fn source(&self, value: &Entry<'_>) -> &str {
        self.text.get(value.span()).unwrap_or_default()
    }

    /// What stands at the top of the file. In the flat form of earlier versions a rule's fields do as well.
    fn entry(&mut self, key: &Key<'_>, value: &Entry<'_>, flat: bool) {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("base", _) => {}
            ("name", DeValue::String(name)) => {
                self.seen.insert("name", Some(key.span()));
                self.given.name = Some(name.to_string());
            }
            ("summary", DeValue::String(summary)) => self.given.summary = Some(summary.to_string()),
            ("name" | "summary", _) => self.refuse(Some(value.span()), format!("{} must be a text", key.get_ref())),
            ("rule", DeValue::Table(rule)) => rule.iter().for_each(|(key, value)| self.rule_entry(key, value)),
            ("rule", DeValue::String(_)) if flat => self.kind(value),
            ("rule", _) => {
                let text = "the rule is a table: write `[rule]` and, in a line below, `kind = \"n-way\"`";
                self.refuse(Some(value.span()), text.to_owned());
            }
            (name, _) => match (find(RecipeOptions::FIELDS, name), find(RuleOptions::FIELDS, name)) {
                (Some(field), _) => self.set(field, key, value),
                (_, Some(field)) if flat => self.set(field, key, value),
                (_, Some(_)) => {
                    self.refuse(Some(key.span()), format!("`{name}` belongs to the rule: write it below `[rule]`"))
                }
                _ => self.unknown(key, &[&HEAD, &names(RecipeOptions::FIELDS)[..]].concat()),
            },
        }
    }

    /// What stands in the table of the rule.
    fn rule_entry(&mut self, key: &Key<'_>, value: &Entry<'_>) {
        let name = key.get_ref().as_ref();
        if name == "kind" {
            return self.kind(value);
        }
        match (find(RuleOptions::FIELDS, name), find(RecipeOptions::FIELDS, name)) {
            (Some(field), _) => self.set(field, key, value),
            (_, Some(_)) => {
                self.refuse(Some(key.span()), format!("`{name}` is no field of a rule: write it above `[rule]`"))
            }
            _ => self.unknown(key, &[&["kind"], &names(RuleOptions::FIELDS)[..]].concat()),
        }
    }

    fn kind(&mut self, value: &Entry<'_>) {
        self.seen.insert("rule", Some(value.span()));
        match RuleKind::read(value.get_ref()) {
            Ok(kind) => self.given.kind = Some(kind),
            Err(problem) => self.refuse(Some(value.span()), format!("kind = {}: {problem}", self.source(value))),
        }
    }

    fn set(&mut self, field: &'static Field, key: &Key<'_>, value: &Entry<'_>) {
        if self.seen.insert(field.name, Some(key.span())).is_some() {
            return self.refuse(Some(key.span()), format!("`{}` is given twice", field.name));
        }
        let set = self.given.recipe.set(field.name, value.get_ref());
        let set = set.and_then(|()| self.given.rule.set(field.name, value.get_ref()));
        if let Err(problem) = set {
            self.refuse(Some(key.span()), format!("{} = {}: {problem}", key.get_ref(), self.source(value)));
        }
    }

    fn unknown(&mut self, key: &Key<'_>, known: &[&'static str]) {
        let name = key.get_ref();
        if let Some(meant) = nearest(name, known) {
            self.seen.entry(meant).or_insert(None);
        }
        self.refuse(Some(key.span()), format!("there is no field `{name}`{}", hint(name, known)));
    }

    /// Tells of fields that the rule does not have.
    fn foreign_fields(&mut self, base: Option<Rule>) {
        let Some(kind) = self.given.kind.or(base.map(|base| base.kind())) else { return };
        for field in self.given.rule.given().into_iter().filter(|field| !kind.fields().contains(field)) {
            let place = self.seen.get(field).cloned().flatten();
            let text =
                format!("`{field}` is no field of the rule {}, which has {}", kind.name(), kind.fields().join(", "));
            self.refuse(place, text);
        }
    }

    fn finish(mut self, base: Option<Recipe>, stem: &str) -> Result<Recipe, Vec<Problem>> {
        let mut given = self.given.clone();
        if let Some(base) = base {
            given.name.get_or_insert_with(|| stem.to_owned());
            given.summary.get_or_insert_with(|| format!("{} with other {}", base.name, self.given.names().join(", ")));
            given = given.or(Overrides::of(&base));
        }
        match given.whole() {
            Ok(recipe) if self.problems.is_empty() => return Ok(recipe),
            Ok(_) => {}
            Err(problems) => {
                for Wrong { field, is_missing, text } in problems {
                    // What is there and cannot be read, or stands under a wrong name, has been told.
                    let place = self.seen.get(field).cloned();
                    if !is_missing || place.is_none() && !self.has_base {
                        self.refuse(place.flatten(), text);
                    }
                }
            }
        }
        self.problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        Err(self.problems)
    }
}

fn find(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    fields.iter().find(|field| field.is_called(name))
}

fn names(fields: &'static [Field]) -> Vec<&'static str> {
    fields.iter().map(|field| field.name).collect()
}

/// The name that may be meant.
pub(super) fn hint(name: &str, known: &[&str]) -> String {
    nearest(name, known).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}
