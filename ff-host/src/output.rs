//! What the program says, so that a closed or full terminal never ends it.
//!
//! `println!` panics where its reader has gone (`ff train | head`) or where the disk below it is
//! full, and a run of hours would end with it. `say!` and `note!` go on instead: what is lost
//! is remembered, and the program's end tells it. Whatever the texts hold, a terminal is told nothing by
//! them: see [`escape`].

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::escape;

/// Prints a line on standard output, as `println!` does, but never panics.
#[macro_export]
macro_rules! say {
    ($($piece:tt)*) => { $crate::output::text(format_args!("{}\n", format_args!($($piece)*))) };
}

/// Prints a line on standard error, as `eprintln!` does, but never panics, and nothing under `--quiet`.
#[macro_export]
macro_rules! note {
    ($($piece:tt)*) => { $crate::output::remark(format_args!($($piece)*)) };
}

pub use crate::{note, say};

/// What became of standard output.
enum State {
    /// Every text was written.
    Whole,
    /// A text could not be written; further ones are not tried.
    Lost { kind: ErrorKind, error: String, told: bool },
}

static STATE: Mutex<State> = Mutex::new(State::Whole);

/// Whether standard output is for a program, which reads JSON lines.
static IS_FOR_PROGRAMS: AtomicBool = AtomicBool::new(false);

/// From now on standard output carries [`record`]s alone, and texts for people are left out.
pub fn speak_json() {
    IS_FOR_PROGRAMS.store(true, Ordering::Relaxed);
}

/// Whether standard output carries records instead of texts.
#[must_use]
pub fn is_json() -> bool {
    IS_FOR_PROGRAMS.load(Ordering::Relaxed)
}

/// Prints a value as a JSON object on a line of its own, where standard output is for a program.
pub fn record(value: &impl Serialize) {
    if is_json() {
        match serde_json::to_string(value) {
            Ok(line) => write(format_args!("{line}\n")),
            Err(error) => error_line(format_args!("error: this cannot be told as JSON: {error}")),
        }
    }
}

/// Prints on standard output, at once, unless that is for a program. The first text that cannot be written is
/// remembered, and ends the output but not the program.
pub fn text(text: Arguments<'_>) {
    if !is_json() {
        write(text);
    }
}

fn write(text: Arguments<'_>) {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    if matches!(*state, State::Whole) {
        let mut output = io::stdout().lock();
        let shown = text.to_string();
        let shown = escape::terminal(&shown);
        if let Err(error) = output.write_all(shown.as_bytes()).and_then(|()| output.flush()) {
            *state = State::Lost { kind: error.kind(), error: error.to_string(), told: false };
        }
    }
}

/// Whether progress, remarks and proposals are wanted.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Leaves out progress, remarks and proposals from now on: what stays is results and errors.
pub fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Whether they are left out.
#[must_use]
pub fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints a line on standard error that is no error, unless the program is to be quiet.
pub fn remark(text: Arguments<'_>) {
    if !is_quiet() {
        error_line(text);
    }
}

/// Prints a line on standard error. Where that cannot be, there is nobody left to tell.
pub fn error_line(text: Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{}", escape::terminal(&text.to_string()));
}

/// Whether standard output was lost; true once, so that it is told once.
#[must_use]
pub fn is_newly_lost() -> bool {
    match &mut *STATE.lock().unwrap_or_else(PoisonError::into_inner) {
        State::Lost { told, .. } => !std::mem::replace(told, true),
        State::Whole => false,
    }
}

/// What the program's end has to tell of standard output. A reader that has gone has had enough:
/// that is no error.
///
/// # Errors
/// Where output was lost for another reason, such as a full disk.
pub fn check() -> anyhow::Result<()> {
    match &*STATE.lock().unwrap_or_else(PoisonError::into_inner) {
        State::Lost { kind, error, .. } if *kind != ErrorKind::BrokenPipe => {
            anyhow::bail!("cannot write to standard output: {error}")
        }
        _ => Ok(()),
    }
}
