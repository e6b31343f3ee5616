//! What the firmware needs from a board, and the boards: one file and one feature each.
//!
//! A new board takes a memory map under `memory/`, a file here, a feature in `Cargo.toml` and a
//! row in each of two tables: `BOARDS` in `build.rs` and in `xtask/src/board.rs`.

#[cfg(all(target_os = "none", feature = "mps2-an386"))]
mod mps2_an386;
#[cfg(all(target_os = "none", feature = "mps2-an386"))]
pub use mps2_an386::Mps2An386 as Chosen;

/// A board: a name and a clock that counts instructions.
pub trait Board {
    /// The board's name, as `cargo xtask qemu --board` knows it.
    const NAME: &'static str;

    /// Instructions executed since the board started.
    fn instructions(&mut self) -> u64;

    /// Runs `work` and counts its instructions.
    ///
    /// The count includes reading the clock once, some two dozen instructions, and is the same in
    /// every run of the same program.
    fn count_instructions<R>(&mut self, work: impl FnOnce() -> R) -> (R, u64) {
        let before = self.instructions();
        let result = work();
        (result, self.instructions() - before)
    }
}
