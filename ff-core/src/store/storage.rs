//! The seam between the store and a board's flash.

/// Memory that keeps its content without power: erased by pages, written by words.
///
/// Addresses are bytes from the beginning of the medium. The store keeps to whole words and pages,
/// and writes no word twice without erasing it in between.
pub trait Storage {
    /// What can go wrong on the medium.
    type Error;
    /// The smallest unit of reading and writing, in bytes.
    const WORD: usize;
    /// The smallest unit of erasing, in bytes: a multiple of `WORD`.
    const PAGE: usize;

    /// Fills `into` with what lies at `at`. A word whose writing was cut short should read as any
    /// bytes; an error means that the medium does not answer.
    ///
    /// # Errors
    /// The medium's own.
    fn read(&mut self, at: u32, into: &mut [u8]) -> Result<(), Self::Error>;

    /// Writes whole words onto erased ones. A power cut may leave the word being written with any
    /// content, the later ones erased.
    ///
    /// # Errors
    /// The medium's own.
    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Erases whole pages. A power cut may leave them with any content.
    ///
    /// # Errors
    /// The medium's own.
    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error>;
}

impl<S: Storage> Storage for &mut S {
    type Error = S::Error;
    const WORD: usize = S::WORD;
    const PAGE: usize = S::PAGE;

    fn read(&mut self, at: u32, into: &mut [u8]) -> Result<(), Self::Error> {
        S::read(self, at, into)
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        S::write(self, at, bytes)
    }

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        S::erase(self, from, to)
    }
}
