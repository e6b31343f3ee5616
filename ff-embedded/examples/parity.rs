//! Runs everything that has a fast path at odd and even sizes. A host, and a board without
//! floating-point registers, must say the same.
#![no_std]
#![no_main]

use ff_core::error::Error;
use ff_embedded::{board, parity, processor::entry, runtime};

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Error> {
    defmt::info!("board: {=str}", board::NAME);
    defmt::info!("products: CRC-32 {=u32:08x}", parity::products());
    defmt::info!("N-way, 16 and 8 units: CRC-32 {=u32:08x}", parity::nway::<16, 8, 24>()?);
    defmt::info!("N-way, 9 and 21 units: CRC-32 {=u32:08x}", parity::nway::<9, 21, 30>()?);
    Ok(())
}
