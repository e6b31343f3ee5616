//! Messages over USART 1 of an STM32F4, on its pin A9: 115,200 baud from the 16 MHz that the chip starts with.
//!
//! Unsafe, because a device's registers lie at addresses that no Rust object owns.

#![expect(unsafe_code, reason = "registers are at fixed addresses")]

use core::cell::UnsafeCell;
use core::ptr;

use critical_section::RestoreState;
use defmt::Encoder;

/// Reset and clock control: which devices have a clock.
const RCC_AHB1ENR: usize = 0x4002_3830;
const RCC_APB2ENR: usize = 0x4002_3844;
/// Port A: how its pins are driven, and by which device.
const GPIOA_MODER: usize = 0x4002_0000;
const GPIOA_AFRH: usize = 0x4002_0024;
/// USART 1: status, data, baud rate, control.
const SR: usize = 0x4001_1000;
const DR: usize = 0x4001_1004;
const BRR: usize = 0x4001_1008;
const CR1: usize = 0x4001_100c;

const TRANSMIT_REGISTER_EMPTY: u32 = 1 << 7;
const TRANSMISSION_COMPLETE: u32 = 1 << 6;

fn read(address: usize) -> u32 {
    // SAFETY: a register where the chip's manual (RM0090) says; no Rust object is there, and reading it
    // changes nothing that matters here.
    unsafe { ptr::read_volatile(address as *const u32) }
}

fn write(address: usize, value: u32) {
    // SAFETY: as above; only the logger writes these.
    unsafe { ptr::write_volatile(address as *mut u32, value) }
}

/// Turns the port, its pin and the device on.
fn begin() {
    write(RCC_AHB1ENR, read(RCC_AHB1ENR) | 1); // port A
    write(RCC_APB2ENR, read(RCC_APB2ENR) | 1 << 4); // USART 1
    write(GPIOA_AFRH, read(GPIOA_AFRH) & !0xf0 | 7 << 4); // pin 9: function 7
    write(GPIOA_MODER, read(GPIOA_MODER) & !(3 << 18) | 2 << 18); // pin 9: by a device
    write(BRR, 16_000_000_u32.div_ceil(115_200));
    write(CR1, 1 << 13 | 1 << 3); // on, and transmit
}

fn send(bytes: &[u8]) {
    for &byte in bytes {
        while read(SR) & TRANSMIT_REGISTER_EMPTY == 0 {}
        write(DR, byte.into());
    }
}

/// What encodes a message while one is sent.
struct State {
    begun: bool,
    interrupts: RestoreState,
    encoder: Encoder,
}

struct Shared(UnsafeCell<State>);

// SAFETY: it is touched between `acquire` and `release` alone, where interrupts are off on a single core.
unsafe impl Sync for Shared {}

static STATE: Shared =
    Shared(UnsafeCell::new(State { begun: false, interrupts: RestoreState::invalid(), encoder: Encoder::new() }));

/// The one logger of the program.
#[defmt::global_logger]
struct Usart;

// SAFETY: `acquire` turns interrupts off and `release` puts them back, so frames are not mixed; defmt calls
// the others between these two.
unsafe impl defmt::Logger for Usart {
    fn acquire() {
        // SAFETY: released below. From here on nothing else runs, so the state is this function's.
        let (interrupts, state) = unsafe { (critical_section::acquire(), &mut *STATE.0.get()) };
        state.interrupts = interrupts;
        if !state.begun {
            begin();
            state.begun = true;
        }
        state.encoder.start_frame(send);
    }

    unsafe fn flush() {
        while read(SR) & TRANSMISSION_COMPLETE == 0 {}
    }

    unsafe fn write(bytes: &[u8]) {
        // SAFETY: between `acquire` and `release` the state is the logger's.
        unsafe { (*STATE.0.get()).encoder.write(bytes, send) }
    }

    unsafe fn release() {
        // SAFETY: as above; the interrupts are as they were before `acquire`.
        unsafe {
            let state = &mut *STATE.0.get();
            state.encoder.end_frame(send);
            critical_section::release(state.interrupts);
        }
    }
}
