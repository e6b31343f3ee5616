//! Words that name classes or groups, as numbers.

use std::collections::HashMap;

use super::super::natural;

/// Different words in the order of their first appearance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    ids: HashMap<String, u32>,
    names: Vec<String>,
}

/// A word a sample.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    /// Which of the names each sample has.
    pub ids: Vec<u32>,
    pub names: Names,
}

impl Names {
    /// The number of a word, which is a new one where the word is.
    pub fn id(&mut self, name: &str) -> u32 {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = self.names.len() as u32;
        self.ids.insert(name.to_owned(), id);
        self.names.push(name.to_owned());
        id
    }

    /// A word by its number.
    pub fn name(&self, id: u32) -> &str {
        self.names.get(id as usize).map_or("", String::as_str)
    }

    /// The words as people sort them, and the place of each number among them.
    pub fn sorted(&self) -> (Vec<String>, Vec<usize>) {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.sort_by(|&a, &b| natural::compare(&self.names[a], &self.names[b]));
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, &id)| places[id] = place);
        (order.into_iter().map(|id| self.names[id].clone()).collect(), places)
    }
}

impl Column {
    /// Of words.
    pub fn of<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Self {
        let mut column = Self::default();
        words.into_iter().for_each(|word| column.push(word.as_ref()));
        column
    }

    /// Adds a sample's word.
    pub fn push(&mut self, word: &str) {
        let id = self.names.id(word);
        self.ids.push(id);
    }

    /// A sample's word.
    pub fn word(&self, sample: usize) -> &str {
        self.ids.get(sample).map_or("", |&id| self.names.name(id))
    }

    /// Puts another column below.
    pub fn append(&mut self, other: Self) {
        let ids: Vec<u32> = other.names.names.iter().map(|name| self.names.id(name)).collect();
        self.ids.extend(other.ids.into_iter().map(|id| ids[id as usize]));
    }
}
