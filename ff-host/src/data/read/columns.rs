//! What each column of a table is for.

use std::path::Path;

use super::super::{Fault, Options};
use super::cells::{self, Cell};

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Feature,
    Label,
    Group,
    /// Of which recording a line is a step.
    Recording,
    /// Whether a line is to learn from or for the test.
    Split,
    Ignored,
}

/// The columns of a table.
#[derive(Debug)]
pub(super) struct Columns {
    pub names: Vec<String>,
    pub roles: Vec<Role>,
    /// Whether the lines are steps of recordings.
    pub is_log: bool,
    pub notes: Vec<String>,
}

/// Names that make a column the label's, where no other is named.
const LABELS: [&str; 4] = ["class", "label", "target", "y"];
/// Names of a log's columns that tell the time and are no channel.
const TIMES: [&str; 4] = ["t", "time", "timestamp", "step"];

/// Whether a line names the columns: where it holds a word above a number, or stands alone and holds no number.
pub(super) fn is_header(first: &csv::ByteRecord, second: Option<&csv::ByteRecord>, comma: bool) -> bool {
    let is_number = |field: &[u8]| matches!(cells::read(field, comma), Cell::Number(_));
    let Some(second) = second else { return !first.iter().any(is_number) };
    first.iter().zip(second).any(|(above, below)| cells::read(above, comma) == Cell::Word && is_number(below))
}

impl Columns {
    /// Decides on the columns of these names, the first line of values being `first`.
    pub fn new(path: &Path, names: Vec<String>, first: &csv::ByteRecord, options: &Options) -> Result<Self, Fault> {
        let mut columns = Self { roles: vec![Role::Feature; names.len()], names, is_log: false, notes: Vec::new() };
        for name in &options.ignore {
            columns.assign(path, name, "--ignore", Role::Ignored)?;
        }
        columns.skip_index(first);
        columns.name_split();
        for (name, option, role) in [
            (&options.label, "--label", Role::Label),
            (&options.group, "--group", Role::Group),
            (&options.recording, "--recording", Role::Recording),
        ] {
            if let Some(name) = name {
                columns.assign(path, name, option, role)?;
            }
        }
        columns.name_recording(options);
        columns.is_log = options.window.is_some() || columns.has(Role::Recording);
        columns.skip_time();
        match &options.features {
            Some(features) => columns.take_known(path, features)?,
            None => columns.name_label(path)?,
        }
        if !columns.has(Role::Feature) {
            return Err(Fault::new(path, "has no column beside the label: there is nothing to learn from"));
        }
        Ok(columns)
    }

    /// The names of the features, in their order.
    pub fn features(&self) -> Vec<String> {
        let both = self.names.iter().zip(&self.roles);
        both.filter(|(_, role)| **role == Role::Feature).map(|(name, _)| name.clone()).collect()
    }

    /// Whether a column has this role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// A column by its name, or by its number from 1.
    fn find(&self, wanted: &str) -> Option<usize> {
        let by_name = self.names.iter().position(|name| name == wanted);
        let by_number = || wanted.parse::<usize>().ok()?.checked_sub(1).filter(|&column| column < self.names.len());
        by_name.or_else(by_number)
    }

    fn assign(&mut self, path: &Path, wanted: &str, option: &str, role: Role) -> Result<(), Fault> {
        let Some(column) = self.find(wanted) else {
            let known = self.names.join(", ");
            return Err(Fault::new(path, format!("has no column {wanted:?} for {option}; its columns are {known}")));
        };
        if role != Role::Ignored && self.roles[column] != Role::Feature && self.roles[column] != Role::Split {
            return Err(Fault::new(path, format!("column {wanted:?} of {option} has another use already")));
        }
        self.roles[column] = role;
        Ok(())
    }

    /// A first column without a name that counts lines comes from a program that wrote its index.
    fn skip_index(&mut self, first: &csv::ByteRecord) {
        let is_count = first.get(0).is_some_and(|field| field == b"0" || field == b"1");
        if self.names.first().is_some_and(String::is_empty) && is_count {
            self.roles[0] = Role::Ignored;
            self.notes.push("the first column has no name and counts lines; it is left out".to_owned());
        }
    }

    /// A column called `split` divides the data.
    fn name_split(&mut self) {
        self.take_named(&["split"], Role::Split);
    }

    fn name_recording(&mut self, options: &Options) {
        if options.recording.is_none() && self.take_named(&["recording"], Role::Recording) {
            self.notes.push("lines with the same `recording` are taken as one recording over time".to_owned());
        }
    }

    fn skip_time(&mut self) {
        if self.is_log {
            self.take_named(&TIMES, Role::Ignored);
        }
    }

    /// The columns that a model takes, by their names; where those are others, all columns if there are as many.
    fn take_known(&mut self, path: &Path, features: &[String]) -> Result<(), Fault> {
        let missing = features.iter().find(|feature| !self.names.contains(feature));
        let Some(missing) = missing else {
            let both = self.names.iter().zip(&mut self.roles).filter(|(_, role)| **role == Role::Feature);
            both.filter(|(name, _)| !features.contains(name)).for_each(|(_, role)| *role = Role::Ignored);
            return Ok(());
        };
        let free = self.features();
        if free.len() == features.len() {
            return Ok(());
        }
        let problem = format!(
            "has no column {missing:?}, which the model takes; it takes {} columns, here are {} ({})",
            features.len(),
            free.len(),
            free.join(", ")
        );
        Err(Fault::new(path, problem))
    }

    /// The label's column, where no option names it: one with a usual name, or the last.
    fn name_label(&mut self, path: &Path) -> Result<(), Fault> {
        if self.has(Role::Label) || LABELS.iter().any(|name| self.take_named(&[*name], Role::Label)) {
            return Ok(());
        }
        let last = self.roles.iter().rposition(|role| *role == Role::Feature);
        let last = last.ok_or_else(|| Fault::new(path, "has no column left for the label"))?;
        self.roles[last] = Role::Label;
        Ok(())
    }

    /// Gives the first free column of one of these names, whatever their case, a role.
    fn take_named(&mut self, known: &[&str], role: Role) -> bool {
        let is_known = |name: &String| known.iter().any(|known| name.eq_ignore_ascii_case(known));
        let mut both = self.names.iter().zip(&mut self.roles);
        let found = both.find(|(name, role)| **role == Role::Feature && is_known(name));
        found.map(|(_, found)| *found = role).is_some()
    }
}
