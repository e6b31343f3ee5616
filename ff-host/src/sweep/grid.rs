//! Which settings a sweep tries.

use std::str::FromStr;

use clap::Parser;

use crate::recipe::{Field, Overrides};

/// One field of a recipe and the values to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The field, as `ff train` calls it: `learning-rate` for `--learning-rate`.
    pub field: String,
    /// Its values, as `ff train` takes them.
    pub values: Vec<String>,
}

impl FromStr for Setting {
    type Err = String;

    /// `learning-rate=0.001,0.002`; values that hold commas are separated by semicolons: `layers=64,64;128`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (field, values) =
            text.split_once('=').ok_or("write FIELD=VALUE,VALUE, such as learning-rate=0.001,0.002")?;
        let field = field.trim().trim_start_matches('-').replace('_', "-");
        let separator = if field == "layers" || values.contains(';') { ';' } else { ',' };
        let values: Vec<String> = values.split(separator).map(|value| value.trim().to_owned()).collect();
        match values.iter().position(String::is_empty) {
            None if field.is_empty() => Err("the field has no name; write learning-rate=0.001,0.002".to_owned()),
            None => Ok(Self { field, values }),
            Some(index) => Err(format!("value {} of {field} is empty", index + 1)),
        }
    }
}

/// The seeds of a sweep, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(pub Vec<u64>);

impl FromStr for Seeds {
    type Err = String;

    /// `1..3` is 1, 2 and 3; `1,5,7` are those.
    fn from_str(text: &str) -> Result<Self, String> {
        const MOST: u64 = 1000;
        let number =
            |text: &str| text.trim().parse::<u64>().map_err(|_| format!("`{text}` is no seed; write 1..3 or 1,2,3"));
        let mut seeds = Vec::new();
        for part in text.split(',') {
            let (first, last) = match part.split_once("..") {
                Some((first, last)) => (number(first)?, number(last.trim_start_matches('='))?),
                None => (number(part)?, number(part)?),
            };
            if first > last || last - first >= MOST {
                return Err(format!("`{part}` is no range of 1 to {MOST} seeds, the last one included"));
            }
            seeds.extend(first..=last);
        }
        seeds.sort_unstable();
        seeds.dedup();
        Ok(Self(seeds))
    }
}

/// All combinations of the settings' values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// Each field once; the last one changes fastest.
    pub settings: Vec<Setting>,
}

impl Grid {
    /// A grid of these settings.
    ///
    /// # Errors
    /// A field that is given twice, or a value twice.
    pub fn new(settings: &[Setting]) -> Result<Self, String> {
        for (index, Setting { field, values }) in settings.iter().enumerate() {
            if settings[..index].iter().any(|earlier| earlier.field == *field) {
                return Err(format!("{field} is given twice; put all its values into one --set"));
            }
            if let Some(value) = (1..values.len()).find(|&v| values[..v].contains(&values[v])) {
                return Err(format!("{field} has the value {} twice", values[value]));
            }
        }
        Ok(Self { settings: settings.to_vec() })
    }

    /// Every combination, as pairs of field and value.
    #[must_use]
    pub fn points(&self) -> Vec<Vec<(String, String)>> {
        self.settings.iter().fold(vec![Vec::new()], |points, Setting { field, values }| {
            let with = |point: &Vec<_>, value: &String| [point.as_slice(), &[(field.clone(), value.clone())]].concat();
            points.iter().flat_map(|point| values.iter().map(move |value| with(point, value))).collect()
        })
    }
}

/// The same options as `ff train` takes.
#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Fields {
    #[command(flatten)]
    overrides: Overrides,
}

/// The options of `ff train` for a point of a grid.
pub(super) fn options(point: &[(String, String)]) -> Vec<String> {
    point.iter().map(|(field, value)| format!("--{field}={value}")).collect()
}

/// A point's values in place of a recipe's, exactly as `ff train` would take them.
///
/// # Errors
/// No such field or value, in the words of `ff train`.
pub(super) fn overrides(point: &[(String, String)]) -> anyhow::Result<Overrides> {
    let known = |name: &str| name == "rule" || Field::all().any(|field| field.is_called(name));
    if let Some((name, _)) = point.iter().find(|(name, _)| !known(name)) {
        anyhow::bail!(
            "--set: there is no field `{name}`{} (the fields are the options of `ff train`)",
            Field::hint(name)
        );
    }
    let fields = Fields::try_parse_from(options(point)).map_err(|error| {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        anyhow::anyhow!("--set: {first} (the fields are the options of `ff train`)")
    })?;
    Ok(fields.overrides)
}

#[cfg(test)]
mod tests {
    use super::{Grid, Seeds, Setting};

    #[test]
    fn settings_are_read() {
        let read = |text: &str| text.parse::<Setting>().map(|setting| setting.values);
        assert_eq!(read("rate=0.1, 0.2").unwrap(), ["0.1", "0.2"]);
        assert_eq!(read("layers=10,10").unwrap(), ["10,10"]);
        assert_eq!(read("layers=10,10;20").unwrap(), ["10,10", "20"]);
        assert!(read("rate").is_err() && read("rate=0.1,").is_err() && read("=1").is_err());
    }

    #[test]
    fn seeds_are_read() {
        let read = |text: &str| text.parse::<Seeds>().map(|seeds| seeds.0);
        assert_eq!(read("1..3").unwrap(), [1, 2, 3]);
        assert_eq!(read("7,1..2,2").unwrap(), [1, 2, 7]);
        assert!(read("3..1").is_err() && read("0..1000000").is_err() && read("x").is_err() && read("").is_err());
        assert_eq!(read("18446744073709551615").unwrap(), [u64::MAX]);
    }

    #[test]
    fn points_are_all_combinations() {
        let settings = ["rate=1,2".parse().unwrap(), "dropout=0,0.1".parse().unwrap()];
        let points = Grid::new(&settings).unwrap().points();
        let texts: Vec<String> =
            points.iter().map(|p| p.iter().map(|(_, v)| v.as_str()).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(texts, ["1 0", "1 0.1", "2 0", "2 0.1"]);
        assert_eq!(Grid::default().points().len(), 1);
        assert!(Grid::new(&["rate=1".parse().unwrap(), "rate=2".parse().unwrap()]).is_err());
        assert!(Grid::new(&["rate=1,1".parse().unwrap()]).is_err());
    }
}
