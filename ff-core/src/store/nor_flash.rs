//! Any driver with `embedded-storage` traits as a [`Storage`].

use embedded_storage::nor_flash;

use super::Storage;

/// An `embedded-storage` NOR flash: embassy's and most HALs' flash drivers are one.
///
/// Use when the driver blocks. Avoid when it is asynchronous: hand an
/// [`Export`](crate::snapshot::Export)'s chunks to it in a task of your own.
#[derive(Debug)]
pub struct NorFlash<F>(pub F);

impl<F: nor_flash::NorFlash> Storage for NorFlash<F> {
    type Error = F::Error;
    const WORD: usize = {
        let (read, write) = (F::READ_SIZE, F::WRITE_SIZE);
        let word = if read > write { read } else { write };
        assert!(word.is_multiple_of(read) && word.is_multiple_of(write), "units of reading and writing do not fit");
        word
    };
    const PAGE: usize = F::ERASE_SIZE;

    fn read(&mut self, at: u32, into: &mut [u8]) -> Result<(), Self::Error> {
        self.0.read(at, into)
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.write(at, bytes)
    }

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        self.0.erase(from, to)
    }
}
