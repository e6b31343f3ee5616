//! Panics, to show that a panic ends with exit code 101.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use ff_embedded as _; // panic handler and logger

#[entry]
fn main() -> ! {
    panic!("on purpose")
}
