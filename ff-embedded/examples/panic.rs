//! Panics, to show that a panic ends with exit code 101.
#![no_std]
#![no_main]

use ff_embedded::processor::entry; // panic handler and logger

#[entry]
fn main() -> ! {
    panic!("on purpose")
}
