//! What a sample is made of.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

/// The shape of every sample of a set. Values lie in memory as channels x rows x columns, the columns of a
/// row side by side; a table has one row of one channel, a series one row a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Shape {
    /// Numbers without an order, such as the columns of a table.
    Features {
        /// One a feature.
        names: Vec<String>,
    },
    /// Channels recorded side by side over time.
    Series {
        /// The channels' names.
        channels: Vec<String>,
        /// Steps of time.
        time: usize,
    },
    /// A grey or coloured picture.
    Picture {
        /// 1 for grey, 3 for red, green and blue.
        channels: usize,
        /// Pixels from top to bottom.
        rows: usize,
        /// Pixels from left to right.
        columns: usize,
    },
}

impl Shape {
    /// A grey picture's.
    #[must_use]
    pub const fn grey(columns: usize, rows: usize) -> Self {
        Self::Picture { channels: 1, rows, columns }
    }

    /// Nameless features, called `x0`, `x1` and so on.
    #[must_use]
    pub fn features(count: usize) -> Self {
        Self::Features { names: (0..count).map(|i| format!("x{i}")).collect() }
    }

    /// A series whose channels are called `channel0`, `channel1` and so on.
    #[must_use]
    pub fn series(channels: usize, time: usize) -> Self {
        Self::Series { channels: (0..channels).map(|i| format!("channel{i}")).collect(), time }
    }

    /// Channels, rows and columns: the extents of the values in memory.
    #[must_use]
    pub const fn extents(&self) -> [usize; 3] {
        match self {
            Self::Features { names } => [1, 1, names.len()],
            Self::Series { channels, time } => [channels.len(), 1, *time],
            Self::Picture { channels, rows, columns } => [*channels, *rows, *columns],
        }
    }

    /// Channels.
    #[must_use]
    pub const fn channels(&self) -> usize {
        self.extents()[0]
    }

    /// Rows of a channel.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.extents()[1]
    }

    /// Values in a row.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.extents()[2]
    }

    /// Values of a sample.
    #[must_use]
    pub const fn len(&self) -> usize {
        let [channels, rows, columns] = self.extents();
        channels.saturating_mul(rows).saturating_mul(columns)
    }

    /// Whether a sample has no value at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is a picture.
    #[must_use]
    pub const fn is_picture(&self) -> bool {
        matches!(self, Self::Picture { .. })
    }

    /// Whether samples of both shapes fit one network and mean the same: names count, where both have some.
    #[must_use]
    pub fn fits(&self, other: &Self) -> bool {
        self == other
    }

    /// The first name that differs between two shapes of one size, in brackets; nothing where the sizes do.
    #[must_use]
    pub fn difference(&self, other: &Self) -> String {
        if self.extents() != other.extents() {
            return String::new();
        }
        let mut names = (0..self.len()).map(|i| (self.name_of(i), other.name_of(i)));
        let first = names.find(|(ours, theirs)| ours != theirs);
        first.map_or_else(String::new, |(ours, theirs)| format!(" (`{theirs}` stands where `{ours}` is expected)"))
    }

    /// What one of the values is called: a column, a channel's step of time, a pixel.
    #[must_use]
    pub fn name_of(&self, index: usize) -> String {
        let [_, rows, columns] = self.extents();
        let (channel, within) = (index / (rows * columns).max(1), index % (rows * columns).max(1));
        match self {
            Self::Features { names } => names.get(index).cloned().unwrap_or_default(),
            Self::Series { channels, .. } => {
                format!("{} at step {within}", channels.get(channel).map_or("", String::as_str))
            }
            Self::Picture { channels: 1, .. } => format!("pixel ({}, {})", within / columns, within % columns),
            Self::Picture { .. } => {
                format!("pixel ({}, {}) of channel {channel}", within / columns, within % columns)
            }
        }
    }
}

impl Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Features { names } if names.len() == 1 => write!(f, "1 feature"),
            Self::Features { names } => write!(f, "{} features", names.len()),
            Self::Series { channels, time } => match channels.len() {
                1 => write!(f, "1 channel x {time} steps"),
                channels => write!(f, "{channels} channels x {time} steps"),
            },
            Self::Picture { channels: 1, rows, columns } => write!(f, "{columns}x{rows} pixels"),
            Self::Picture { channels, rows, columns } => write!(f, "{columns}x{rows} pixels of {channels} channels"),
        }
    }
}
