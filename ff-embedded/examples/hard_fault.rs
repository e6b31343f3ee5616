//! Executes an undefined instruction, to show that a fault ends with exit code 102.
#![no_std]
#![no_main]

use cortex_m::asm;
use cortex_m_rt::entry;
use ff_embedded as _; // fault handler and logger

#[entry]
fn main() -> ! {
    asm::udf()
}
