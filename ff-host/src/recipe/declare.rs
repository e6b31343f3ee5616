//! What a list of fields is turned into: options for files and command lines, and the whole.

/// Declares a struct of optional fields from a list that names each field once:
///
/// `name ("old-name"): type = default, "VALUE", limit, "what it is";`
///
/// An old name, as options of the command line were called, is still read. `limit` tells which values are
/// allowed, see [`super::limit`].
macro_rules! options {
    ($(#[$meta:meta])* $options:ident {
        $($heading:literal {
            $($field:ident $(($old:literal))?: $type:ty = $default:expr, $value:literal, $limit:expr, $doc:literal;)+
        })+
    }) => {
        $(#[$meta])*
        #[derive(clap::Args, Clone, Debug, Default, PartialEq)]
        pub struct $options {
            $($(
                #[doc = $doc]
                #[arg(
                    long,
                    $(alias = $old,)?
                    help = $doc,
                    value_name = $value,
                    help_heading = $heading,
                    value_parser = <$type as $crate::recipe::value::Value>::parser()
                )]
                pub $field: Option<$type>,
            )+)+
        }

        impl $options {
            /// The fields, in the order of a file.
            pub const FIELDS: &'static [$crate::recipe::Field] = &[$($(
                $crate::recipe::Field { name: stringify!($field), old: concat!("" $(, $old)?), about: $doc },
            )+)+];

            /// Sets a field by its name from what a file says.
            pub(super) fn set(&mut self, field: &str, value: &toml::de::DeValue<'_>) -> Result<(), String> {
                $($(if field == stringify!($field) {
                    self.$field = Some($crate::recipe::value::Value::read(value)?);
                })+)+
                Ok(())
            }

            /// The names of the fields that are set.
            #[must_use]
            pub fn given(&self) -> Vec<&'static str> {
                let all = [$($((stringify!($field), self.$field.is_some()),)+)+];
                all.into_iter().filter_map(|(field, is_given)| is_given.then_some(field)).collect()
            }

            /// These fields; where one is not set, `base`'s.
            #[must_use]
            pub(crate) fn or(self, base: Self) -> Self {
                Self { $($($field: self.$field.or(base.$field),)+)+ }
            }

            /// Fields with a value that is not allowed, and what is.
            pub(super) fn refused(&self) -> Vec<(&'static str, String)> {
                let mut refused = Vec::new();
                $($(if let Some(value) = &self.$field && let Err(problem) = ($limit)(value) {
                    let found = $crate::recipe::value::Value::show(value);
                    refused.push((stringify!($field), format!("{} = {found} {problem}", stringify!($field))));
                })+)+
                refused
            }
        }
    };
}

/// Declares [`super::Recipe`] and the options for its own fields. A default is an `Option`: without one a
/// recipe must give the field.
macro_rules! recipe_fields {
    ($($heading:literal {
        $($field:ident $(($old:literal))?: $type:ty = $default:expr, $value:literal, $limit:expr, $doc:literal;)+
    })+) => {
        options! {
            /// A recipe's own fields, each of which may be left out.
            RecipeOptions {
                $($heading { $($field $(($old))?: $type = $default, $value, $limit, $doc;)+ })+
            }
        }

        /// Everything that training depends on besides the data and the seed.
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        pub struct Recipe {
            /// What it is called in folders and reports: letters, digits, `-`, `_` and `.`.
            pub name: String,
            /// One line for a list.
            pub summary: String,
            $($(#[doc = $doc] pub $field: $type,)+)+
            /// The learning rule with its own settings.
            pub rule: $crate::rule::Rule,
        }

        impl RecipeOptions {
            /// The options that give this recipe's own fields.
            pub(super) fn of(recipe: &Recipe) -> Self {
                Self { $($($field: Some(recipe.$field.clone()),)+)+ }
            }

            /// The names of fields that must be set and are not.
            pub(super) fn missing(&self) -> Vec<&'static str> {
                let mut missing = Vec::new();
                $($(
                    let default: Option<$type> = $default;
                    if self.$field.is_none() && default.is_none() {
                        missing.push(stringify!($field));
                    }
                )+)+
                missing
            }

            /// The whole recipe; none where a field is missing.
            pub(super) fn whole(self, name: String, summary: String, rule: $crate::rule::Rule) -> Option<Recipe> {
                Some(Recipe { name, summary, $($($field: self.$field.or($default)?,)+)+ rule })
            }
        }
    };
}

/// Declares the options for the fields of rules; [`crate::rule`] says which rule has which.
macro_rules! rule_fields {
    ($($field:ident $(($old:literal))?: $type:ty = $default:expr, $value:literal, $limit:expr, $doc:literal;)+) => {
        options! {
            /// The fields of all rules, each of which may be left out.
            RuleOptions {
                "The learning rule, instead of the recipe's own" {
                    $($field $(($old))?: $type = $default, $value, $limit, $doc;)+
                }
            }
        }

        /// The fields' types.
        #[expect(non_camel_case_types, reason = "each is called as its field")]
        pub(crate) mod types {
            use super::*;
            $(pub type $field = $type;)+
        }

        /// What the fields are where nothing sets them.
        pub(crate) mod defaults {
            use super::*;
            $(pub const fn $field() -> $type {
                $default
            })+
        }
    };
}
