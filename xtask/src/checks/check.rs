//! One check: how it runs, and what becomes of it.

use std::{
    io::{self, IsTerminal},
    iter,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::process;

/// How much of a failed check's output its reason repeats.
const LAST_LINES: usize = 25;

/// One check: a command and the exit code that it must end with.
pub struct Check {
    name: String,
    /// Sets up what the command needs, and makes it.
    command: Box<dyn FnOnce() -> Result<Command>>,
    expected: i32,
}

/// What became of a check.
pub struct Outcome {
    /// The check's name.
    pub name: String,
    /// How long it took.
    pub time: Duration,
    /// What went wrong and how to see it again.
    pub failure: Option<String>,
}

impl Check {
    /// A check that needs nothing but the default tool chain.
    pub fn new(name: impl Into<String>, command: Command) -> Self {
        Self::prepared(name, || Ok(command))
    }

    /// A check that sets something up when it runs, and not before.
    pub fn prepared(name: impl Into<String>, command: impl FnOnce() -> Result<Command> + 'static) -> Self {
        Self { name: name.into(), command: Box::new(command), expected: 0 }
    }

    /// The same check with another exit code than 0.
    pub fn ending_with(self, expected: i32) -> Self {
        Self { expected, ..self }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs it with its output on this terminal. What cannot be set up or started has failed too.
    pub fn run(self) -> Outcome {
        println!("\n== {}", self.name);
        let start = Instant::now();
        let failure = (self.command)().and_then(|mut command| end(&mut command, self.expected));
        let failure = failure.unwrap_or_else(|error| Some(format!("{error:#}")));
        Outcome { name: self.name, time: start.elapsed(), failure }
    }
}

/// Runs the command to its end; what is wrong with its exit code.
///
/// Where no terminal watches, as in CI, the reason ends with what the command printed last: of a long log
/// often nothing but its end is kept.
fn end(command: &mut Command, expected: i32) -> Result<Option<String>> {
    let line = process::shell_line(command);
    println!("$ {line}");
    let (status, last) = if io::stdout().is_terminal() {
        (process::status(command)?, Vec::new())
    } else {
        process::status_and_last_lines(command, LAST_LINES)?
    };
    let passed = status.code() == Some(expected);
    let reason = iter::once(format!("{status} instead of {expected}: {line}")).chain(last);
    Ok((!passed).then(|| reason.collect::<Vec<_>>().join("\n                  | ")))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn another_exit_code_than_expected_fails() {
        let check = || Check::new("true", Command::new("true"));
        assert!(check().run().failure.is_none());
        assert!(check().ending_with(1).run().failure.unwrap().contains("instead of 1: true"));
    }

    #[test]
    fn what_cannot_be_set_up_or_started_fails_with_its_reason() {
        let refused = Check::prepared("refused", || bail!("this needs root")).run();
        assert_eq!(refused.failure.as_deref(), Some("this needs root"));
        let unknown = Check::new("unknown", Command::new("no-such-program")).run();
        assert!(unknown.failure.unwrap().contains("cannot start `no-such-program`"));
    }
}
