//! How the program ends, and where its messages go.
//!
//! Messages are `defmt` frames, over whatever logger the board's file names. The end is told over
//! semihosting: whoever started the program (QEMU or a debug probe) sees one of these exit codes:
//!
//! | code | meaning |
//! |---|---|
//! | 0 | the program did what it is for |
//! | 1 | it ran to its end, but the result is not good enough |
//! | 101 | it panicked |
//! | 102 | the processor faulted |

use core::{
    panic::PanicInfo,
    sync::atomic::{AtomicBool, Ordering},
};

use semihosting::process;

const PANICKED: i32 = 101;
const FAULTED: i32 = 102;

/// PathEndpoints the program: exit code 0 for `Ok`, 1 for `Err`.
pub fn exit<E: defmt::Format>(result: Result<(), E>) -> ! {
    match result {
        Ok(()) => process::exit(0),
        Err(error) => {
            defmt::error!("{}", error);
            process::exit(1)
        }
    }
}

/// Says where the program panicked, and the message if it needs no formatting: formatting would
/// link `core::fmt`, which is larger than many a program.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    // The logger itself may have panicked; do not ask it a second time.
    static PANICKING: AtomicBool = AtomicBool::new(false);
    if !PANICKING.load(Ordering::Relaxed) {
        PANICKING.store(true, Ordering::Relaxed);
        let message = info.message().as_str().unwrap_or("(the message needs formatting)");
        match info.location() {
            Some(place) => defmt::error!("panicked at {=str}:{=u32}: {=str}", place.file(), place.line(), message),
            None => defmt::error!("panicked: {=str}", message),
        }
    }
    process::exit(PANICKED)
}

/// What the processor's fault handler does: says where, and ends the program.
pub(crate) fn faulted(pc: u32, called_from: u32) -> ! {
    defmt::error!("hard fault at pc {=u32:#010x}, called from {=u32:#010x}", pc, called_from);
    process::exit(FAULTED)
}
