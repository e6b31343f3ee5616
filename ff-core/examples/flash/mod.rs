//! Sixteen kilobytes in memory in the place of a board's flash.

use ff_core::store::Storage;
use std::convert::Infallible;

pub struct Flash(pub [u8; 0x4000]);

impl Storage for Flash {
    type Error = Infallible;
    const WORD: usize = 4;
    const PAGE: usize = 0x1000;

    fn read(&mut self, at: u32, into: &mut [u8]) -> Result<(), Infallible> {
        into.copy_from_slice(&self.0[at as usize..][..into.len()]);
        Ok(())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Infallible> {
        self.0[at as usize..][..bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
        self.0[from as usize..to as usize].fill(0xff);
        Ok(())
    }
}
