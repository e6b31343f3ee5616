//! What firmware does on emulated boards: each program says itself whether it did its work.

use super::{Check, cargo};
use crate::{
    board::{BOARDS, Board},
    setup,
};

/// Firmware to copy: what it shows, and its name.
const EXAMPLES: [(&str, &str); 12] = [
    ("rounds as every machine does", "parity"),
    ("explains", "explain"),
    ("learns by the N-way rule", "nway"),
    ("learns 97 % within 16 KB", "accurate"),
    ("learns new classes and keeps the old", "personalise"),
    ("notices a change and learns it", "drift"),
    ("tells odd samples from normal ones", "anomaly"),
    ("survives power cuts", "survive"),
    ("meets every deadline", "watchdog"),
    ("learns in an async task", "embassy"),
    ("takes no more than 1 KiB of stack", "stack"),
    ("cannot panic: it would not link", "no_panic"),
];

/// Programs that fail on purpose, and their exit codes: no failure may look like success.
const FAILURES: [(&str, &str, i32); 4] = [
    ("reports a panic", "--example panic", 101),
    ("reports a fault", "--example hard_fault", 102),
    ("stops at a stack overflow", "--example stack_overflow", 125),
    ("does not wait for ever", "--example hang --time-limit 2", 124),
];

pub fn checks() -> Vec<Check> {
    let mut checks = Vec::new();
    for board in BOARDS.iter().filter(|board| board.is_emulated()) {
        checks.push(run(board, "learns", "--bin learn"));
    }
    // The first board is among the examples; the M0 has no room.
    for board in BOARDS[1..].iter().filter(|board| board.is_emulated() && board.name != "microbit") {
        checks.push(run(board, "rounds as every machine does", "--example parity"));
    }
    checks.push(run(&BOARDS[0], "learns the same without assembler", "--portable"));
    checks.push(run(&BOARDS[3], "cannot panic: it would not link", "--example no_panic"));
    checks.push(run(&BOARDS[0], "takes little stack when debugged", "--example stack --debug"));
    checks.extend(EXAMPLES.map(|(purpose, example)| run(&BOARDS[0], purpose, &format!("--example {example}"))));
    checks.extend(FAILURES.map(|(purpose, words, code)| run(&BOARDS[0], purpose, words).ending_with(code)));
    checks
}

fn run(board: &Board, purpose: &str, words: &str) -> Check {
    let command = cargo(&format!("xtask qemu --board {} {words}", board.name));
    Check::prepared(format!("{}: {purpose}", board.name), || {
        setup::once()?;
        Ok(command)
    })
}
