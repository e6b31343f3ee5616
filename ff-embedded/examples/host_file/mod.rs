//! Real MNIST on the host, read by semihosting: `cargo xtask qemu` makes the file.

use ff_embedded::mnist::{Image, PIXELS, Stream};
use semihosting::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

/// A file on the host: how many images there are to learn and to test, as two little-endian 16-bit
/// numbers, then all images of 28x28 bytes, each with its label behind it.
pub struct HostFile {
    file: File,
    training: u16,
    held_out: u16,
}

/// Bytes of an image and its label.
const RECORD: usize = PIXELS + 1;

impl HostFile {
    /// Opens it, where it is.
    pub fn open() -> Option<Self> {
        let mut file = File::open(c"target/mnist-stream.bin").ok()?;
        let mut counts = [0; 4];
        file.read_exact(&mut counts).ok()?;
        let [a, b, c, d] = counts;
        Some(Self { file, training: u16::from_le_bytes([a, b]), held_out: u16::from_le_bytes([c, d]) })
    }
}

impl Stream for HostFile {
    type Error = Lost;

    fn training(&self) -> u16 {
        self.training
    }

    fn held_out(&self) -> u16 {
        self.held_out
    }

    fn read(&mut self, number: usize, into: &mut Image) -> Result<(), Lost> {
        let mut label = [0];
        let at = 4 + number * RECORD;
        self.file.seek(SeekFrom::Start(at as u64)).map_err(|_| Lost)?;
        self.file.read_exact(&mut into.pixels).map_err(|_| Lost)?;
        self.file.read_exact(&mut label).map_err(|_| Lost)?;
        [into.label] = label;
        Ok(())
    }
}

/// The host's file ended, or cannot be read.
#[derive(defmt::Format)]
pub struct Lost;
