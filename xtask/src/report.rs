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

/// Prints each message as soon as its frame is complete, until the stream ends, and returns all.
pub fn print(table: &Table, mut stream: impl Read, mut out: impl Write) -> Result<String> {
    let mut report = String::new();
    let mut decoder = table.new_stream_decoder();
    let mut chunk = [0; 4096];
    loop {
        let length = stream.read(&mut chunk)?;
        if length == 0 {
            return Ok(report);
        }
        decoder.received(&chunk[..length]);
        let text = complete_frames(decoder.as_mut(), table)?;
        out.write_all(text.as_bytes())?;
        report += &text;
    }
}

fn complete_frames(decoder: &mut dyn StreamDecoder, table: &Table) -> Result<String> {
    let mut text = String::new();
    loop {
        match decoder.decode() {
            Ok(frame) => text += &format!("{}\n", line(&frame)),
            Err(DecodeError::UnexpectedEof) => return Ok(text),
            Err(DecodeError::Malformed) if table.encoding().can_recover() => text += "(a damaged frame)\n",
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
