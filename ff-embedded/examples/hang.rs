//! Never ends, to show that the time limit does.
#![no_std]
#![no_main]

use cortex_m::asm;
use cortex_m_rt::entry;
use ff_embedded as _; // panic handler and logger

#[entry]
fn main() -> ! {
    defmt::info!("hanging on purpose");
    loop {
        asm::nop();
    }
}
