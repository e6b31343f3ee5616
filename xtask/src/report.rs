//! Decoding what the firmware says: defmt frames, which name their text by an index into a table
//! that only the ELF file holds.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
};

use anyhow::{Context, Result, bail};
use defmt_decoder::{DecodeError, Frame, StreamDecoder, Table};

/// Reads the table of texts from a program.
pub fn table_of(program: &Path) -> Result<Table> {
    let name = program.display();
    let bytes = fs::read(program).with_context(|| format!("cannot read {name}"))?;
    let table = Table::parse(&bytes).with_context(|| format!("cannot read the defmt table of {name}"))?;
    table.with_context(|| format!("{name} has no defmt table: it is linked without -Tdefmt.x"))
}

/// Prints each message as soon as its frame is complete, until the stream ends.
pub fn print(table: &Table, mut stream: impl Read, mut out: impl Write) -> Result<()> {
    let mut decoder = table.new_stream_decoder();
    let mut chunk = [0; 4096];
    loop {
        let length = stream.read(&mut chunk)?;
        if length == 0 {
            return Ok(());
        }
        decoder.received(&chunk[..length]);
        print_complete_frames(decoder.as_mut(), table, &mut out)?;
    }
}

fn print_complete_frames(decoder: &mut dyn StreamDecoder, table: &Table, out: &mut impl Write) -> Result<()> {
    loop {
        match decoder.decode() {
            Ok(frame) => writeln!(out, "{}", line(&frame))?,
            Err(DecodeError::UnexpectedEof) => return Ok(()),
            Err(DecodeError::Malformed) if table.encoding().can_recover() => writeln!(out, "(a damaged frame)")?,
            Err(DecodeError::Malformed) => bail!("the firmware sent a frame that its ELF file does not explain"),
        }
    }
}

/// The message; its level too, where it is more than information.
fn line(frame: &Frame<'_>) -> String {
    let message = frame.display_message();
    match frame.level().map(|level| level.as_str()) {
        None | Some("info") => message.to_string(),
        Some(level) => format!("{level}: {message}"),
    }
}
