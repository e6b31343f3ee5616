//! Never ends, to show that the time limit does.
#![no_std]
#![no_main]

use ff_embedded::processor::{entry, idle}; // panic handler and logger

#[entry]
fn main() -> ! {
    defmt::info!("hanging on purpose");
    loop {
        idle();
    }
}
