//! `ff completions` and `ff man`: the command line, for a shell and for a reader.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::files::{Busy, Folder};
use crate::output::{self, say};

/// Print what a shell needs to complete commands and options.
#[derive(Args, Clone, Debug)]
#[command(after_help = COMPLETIONS)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

const COMPLETIONS: &str = "\
Examples:
  ff completions bash > ~/.local/share/bash-completion/completions/ff
  ff completions zsh > ~/.zfunc/_ff
  ff completions fish > ~/.config/fish/completions/ff.fish";

/// Write manual pages: one of the program and one of each command.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  ff man ~/.local/share/man/man1\n  man ff-train")]
pub struct ManArgs {
    /// The folder that they go into; it is made where it is missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Prints the completions of `command`.
///
/// # Errors
/// None of its own; a lost standard output is told at the program's end.
pub fn completions(args: &CompletionsArgs, mut command: Command) -> anyhow::Result<()> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    output::text(format_args!("{}", String::from_utf8_lossy(&script)));
    Ok(())
}

/// Writes the manual pages of `command`.
///
/// # Errors
/// A folder that cannot be made or written.
pub fn man(args: &ManArgs, command: Command) -> anyhow::Result<()> {
    let folder = &args.folder;
    let folder = Folder::open(folder, Busy::Wait)?;
    let mut count = 0;
    for (name, page) in pages(command)? {
        folder.write_unsynced(&name, &page)?;
        count += 1;
    }
    say!("{count} pages in {}", folder.path().display());
    Ok(())
}

/// File names and contents, the program's own page first.
fn pages(mut command: Command) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    command.build();
    let visible = command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help");
    let subs: Vec<_> = visible.cloned().collect();
    std::iter::once(command)
        .chain(subs)
        .map(|command| {
            let mut page = Vec::new();
            let man = clap_mangen::Man::new(command);
            man.render(&mut page)?;
            Ok((man.get_filename(), page))
        })
        .collect()
}
