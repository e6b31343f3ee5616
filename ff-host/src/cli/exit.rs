//! How a program ends.

use std::process::ExitCode;

use super::{Interrupted, Worthless};
use crate::output;
use crate::run::NotFinite;
use crate::sweep::Stopped;

/// Ctrl-C ended a command that leaves nothing half done.
#[derive(Debug, thiserror::Error)]
#[error("stopped before the end")]
pub struct Cancelled;

/// The program's exit code, after its last words: what went wrong, or that its output was lost.
pub fn exit_code(done: anyhow::Result<()>) -> ExitCode {
    match done.and_then(|()| output::check()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Interrupted>() || error.is::<Stopped>() || error.is::<Cancelled>() => {
            output::error_line(format_args!("{error}"));
            ExitCode::from(Interrupted::EXIT_CODE)
        }
        Err(error) if error.is::<Worthless>() => {
            output::error_line(format_args!("error: {error}"));
            ExitCode::from(Worthless::EXIT_CODE)
        }
        Err(error) => {
            output::error_line(format_args!("error: {error:#}"));
            if error.is::<NotFinite>() { ExitCode::from(Worthless::EXIT_CODE) } else { ExitCode::FAILURE }
        }
    }
}
