//! Executes an undefined instruction, to show that a fault ends with exit code 102.
#![no_std]
#![no_main]

use ff_embedded::processor::{entry, undefined}; // fault handler and logger

#[entry]
fn main() -> ! {
    undefined()
}
