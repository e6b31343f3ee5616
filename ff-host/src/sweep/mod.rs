//! Many runs and one table of them: a grid of settings, each with several seeds.
//!
//! [`Grid`] says which settings, a [`Cell`] is one run of them: a command line of this program and
//! the folder that it fills. [`run`] carries the cells out one after the other, each in a process of
//! its own, so that its time and memory are its own. Cells that are finished are recognised by
//! their folders, so a sweep that was stopped or killed goes on where it was. [`Table`] sums up.

mod cell;
mod child;
mod grid;
mod runner;
mod spread;
mod table;

pub use cell::{Cell, RunCommand, State};
pub use child::end_with_parent;
pub use grid::{Grid, Seeds, Setting};
pub use runner::{Ended, Stopped, run};
pub use spread::Spread;
pub use table::{Row, Table, aligned};
