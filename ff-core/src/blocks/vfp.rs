//! The loops in assembler, for Arm's floating-point registers.
//!
//! What each computes is said in `portable.rs`, and in the same order: `vmla` rounds the product and then
//! the sum, so the bits are the same. `relu` is done on whole numbers, as [`rectified`] does it: the sign,
//! spread over a word, clears it.
//!
//! [`rectified`]: crate::activity::rectified
#![expect(unsafe_code, reason = "assembler; each block says what makes its memory accesses sound")]

use core::arch::asm;

use super::{BLOCK, Block, Wide, portable};
use crate::kernel::active::Tile;
use crate::pieces;

/// A block of zeros to load.
static ZEROS: Block = [0.0; BLOCK];

/// Assembler that works in s0 to s25.
macro_rules! vfp {
    ([$($code:expr),+ $(,)?], $($operand:tt)+) => {
        asm!(
            $($code,)+
            $($operand)+
            out("s0") _, out("s1") _, out("s2") _, out("s3") _, out("s4") _, out("s5") _,
            out("s6") _, out("s7") _, out("s8") _, out("s9") _, out("s10") _, out("s11") _,
            out("s12") _, out("s13") _, out("s14") _, out("s15") _, out("s16") _, out("s17") _,
            out("s18") _, out("s19") _, out("s20") _, out("s21") _, out("s22") _, out("s23") _,
            out("s24") _, out("s25") _,
            options(nostack),
        )
    };
}

/// The instructions that make `relu` of s16 to s23, two at a time.
macro_rules! relu {
    () => {
        "vmov {a}, {b}, s16, s17
         bic {a}, {a}, {a}, asr #31
         bic {b}, {b}, {b}, asr #31
         vmov s16, s17, {a}, {b}
         vmov {a}, {b}, s18, s19
         bic {a}, {a}, {a}, asr #31
         bic {b}, {b}, {b}, asr #31
         vmov s18, s19, {a}, {b}
         vmov {a}, {b}, s20, s21
         bic {a}, {a}, {a}, asr #31
         bic {b}, {b}, {b}, asr #31
         vmov s20, s21, {a}, {b}
         vmov {a}, {b}, s22, s23
         bic {a}, {a}, {a}, asr #31
         bic {b}, {b}, {b}, asr #31
         vmov s22, s23, {a}, {b}"
    };
}

/// The instructions that make `s16.. <- s8.. + s16..`, a block.
macro_rules! add {
    () => {
        "vadd.f32 s16, s8, s16
         vadd.f32 s17, s9, s17
         vadd.f32 s18, s10, s18
         vadd.f32 s19, s11, s19
         vadd.f32 s20, s12, s20
         vadd.f32 s21, s13, s21
         vadd.f32 s22, s14, s22
         vadd.f32 s23, s15, s23"
    };
}

/// The instructions that make `s0.. <- s0.. + s16.. * s24`, a block.
macro_rules! multiply_add {
    () => {
        "vmla.f32 s0, s16, s24
         vmla.f32 s1, s17, s24
         vmla.f32 s2, s18, s24
         vmla.f32 s3, s19, s24
         vmla.f32 s4, s20, s24
         vmla.f32 s5, s21, s24
         vmla.f32 s6, s22, s24
         vmla.f32 s7, s23, s24"
    };
}

/// The instructions that make `s8.. <- s8.. + s16.. * s24`, a block.
macro_rules! multiply_add_high {
    () => {
        "vmla.f32 s8, s16, s24
         vmla.f32 s9, s17, s24
         vmla.f32 s10, s18, s24
         vmla.f32 s11, s19, s24
         vmla.f32 s12, s20, s24
         vmla.f32 s13, s21, s24
         vmla.f32 s14, s22, s24
         vmla.f32 s15, s23, s24"
    };
}

/// See `portable.rs`.
#[inline(always)]
pub(crate) fn add_products(tile: Tile<'_, 1>, w: &[f32], column: usize, sums: &mut Wide) {
    if !tile.is_within(w.len(), column.saturating_add(sums.len())) {
        return;
    }
    let entries = tile.entries().as_ptr_range();
    // SAFETY: there is an entry at least, and each, a float and a position, says where a row of weights
    // begins that reaches, as has been asked, as far as the columns in question.
    unsafe {
        vfp!(
            [
                "vldmia {sums}, {{s0-s15}}",
                "2:",
                "vldmia {entry}!, {{s24}}",
                "ldr {row}, [{entry}], #4",
                "add {row}, {w}, {row}, lsl #2",
                "vldmia {row}!, {{s16-s23}}",
                multiply_add!(),
                "vldmia {row}, {{s16-s23}}",
                multiply_add_high!(),
                "cmp {entry}, {end}",
                "bne 2b",
                "vstmia {sums}, {{s0-s15}}",
            ],
            sums = in(reg) sums,
            w = in(reg) w.as_ptr().wrapping_add(column),
            entry = inout(reg) entries.start => _,
            end = in(reg) entries.end,
            row = out(reg) _,
        );
    }
}

/// See `portable.rs`.
#[inline(always)]
pub(crate) fn add_products_of_two(tile: Tile<'_, 2>, w: &[f32], column: usize, [first, second]: [&mut Block; 2]) {
    if !tile.is_within(w.len(), column.saturating_add(BLOCK)) {
        return;
    }
    let entries = tile.entries().as_ptr_range();
    // SAFETY: there is an entry at least, and each, two floats and a position, says where a row of weights
    // begins that reaches, as has been asked, as far as the columns in question.
    unsafe {
        vfp!(
            [
                "vldmia {first}, {{s0-s7}}",
                "vldmia {second}, {{s8-s15}}",
                "2:",
                "vldmia {entry}!, {{s24-s25}}",
                "ldr {row}, [{entry}], #4",
                "add {row}, {w}, {row}, lsl #2",
                "vldmia {row}, {{s16-s23}}",
                multiply_add!(),
                "vmla.f32 s8, s16, s25",
                "vmla.f32 s9, s17, s25",
                "vmla.f32 s10, s18, s25",
                "vmla.f32 s11, s19, s25",
                "vmla.f32 s12, s20, s25",
                "vmla.f32 s13, s21, s25",
                "vmla.f32 s14, s22, s25",
                "vmla.f32 s15, s23, s25",
                "cmp {entry}, {end}",
                "bne 2b",
                "vstmia {first}, {{s0-s7}}",
                "vstmia {second}, {{s8-s15}}",
            ],
            first = in(reg) first,
            second = in(reg) second,
            w = in(reg) w.as_ptr().wrapping_add(column),
            entry = inout(reg) entries.start => _,
            end = in(reg) entries.end,
            row = out(reg) _,
        );
    }
}

/// See `portable.rs`.
#[inline(always)]
pub(crate) fn add_outer(tile: Tile<'_, 1>, scale: f32, d: &Wide, column: usize, w: &mut [f32]) {
    if !tile.is_within(w.len(), column.saturating_add(d.len())) {
        return;
    }
    let entries = tile.entries().as_ptr_range();
    // SAFETY: there is an entry at least, and each, a float and a position, says where a row of weights
    // begins that reaches, as has been asked, as far as the columns in question.
    unsafe {
        vfp!(
            [
                "vmov s25, {scale}",
                "vldmia {d}, {{s0-s15}}",
                "2:",
                "vldmia {entry}!, {{s24}}",
                "ldr {row}, [{entry}], #4",
                "vmul.f32 s24, s24, s25",
                "add {row}, {w}, {row}, lsl #2",
                "vldmia {row}, {{s16-s23}}",
                "vmla.f32 s16, s24, s0",
                "vmla.f32 s17, s24, s1",
                "vmla.f32 s18, s24, s2",
                "vmla.f32 s19, s24, s3",
                "vmla.f32 s20, s24, s4",
                "vmla.f32 s21, s24, s5",
                "vmla.f32 s22, s24, s6",
                "vmla.f32 s23, s24, s7",
                "vstmia {row}!, {{s16-s23}}",
                "vldmia {row}, {{s16-s23}}",
                "vmla.f32 s16, s24, s8",
                "vmla.f32 s17, s24, s9",
                "vmla.f32 s18, s24, s10",
                "vmla.f32 s19, s24, s11",
                "vmla.f32 s20, s24, s12",
                "vmla.f32 s21, s24, s13",
                "vmla.f32 s22, s24, s14",
                "vmla.f32 s23, s24, s15",
                "vstmia {row}, {{s16-s23}}",
                "cmp {entry}, {end}",
                "bne 2b",
            ],
            d = in(reg) d,
            w = in(reg) w.as_mut_ptr().wrapping_add(column),
            entry = inout(reg) entries.start => _,
            end = in(reg) entries.end,
            row = out(reg) _,
            scale = in(reg) scale.to_bits(),
        );
    }
}

/// See `portable.rs`.
#[inline(always)]
pub(crate) fn add_scaled(target: &mut [Block], scale: f32, row: &[Block]) {
    let blocks = target.len().min(row.len());
    if blocks == 0 {
        return;
    }
    let row = row.as_ptr();
    // SAFETY: both have so many blocks, one at least.
    unsafe {
        vfp!(
            [
                "vmov s24, {scale}",
                "2:",
                "vldmia {row}!, {{s16-s23}}",
                "vldmia {target}, {{s0-s7}}",
                "cmp {row}, {end}",
                multiply_add!(),
                "vstmia {target}!, {{s0-s7}}",
                "bne 2b",
            ],
            target = inout(reg) target.as_mut_ptr() => _,
            row = inout(reg) row => _,
            end = in(reg) row.wrapping_add(blocks),
            scale = in(reg) scale.to_bits(),
        );
    }
}

/// See `portable.rs`.
#[inline(always)]
pub(crate) fn products(w: &[Block], d: &[Block]) -> Block {
    let mut sums = ZEROS;
    let blocks = w.len().min(d.len());
    if blocks == 0 {
        return sums;
    }
    let w = w.as_ptr();
    // SAFETY: both have so many blocks, one at least.
    unsafe {
        vfp!(
            [
                "vldmia {sums}, {{s0-s7}}",
                "2:",
                "vldmia {w}!, {{s8-s15}}",
                "vldmia {d}!, {{s16-s23}}",
                "cmp {w}, {end}",
                "vmla.f32 s0, s8, s16",
                "vmla.f32 s1, s9, s17",
                "vmla.f32 s2, s10, s18",
                "vmla.f32 s3, s11, s19",
                "vmla.f32 s4, s12, s20",
                "vmla.f32 s5, s13, s21",
                "vmla.f32 s6, s14, s22",
                "vmla.f32 s7, s15, s23",
                "bne 2b",
                "vstmia {sums}, {{s0-s7}}",
            ],
            sums = in(reg) &raw mut sums,
            w = inout(reg) w => _,
            end = in(reg) w.wrapping_add(blocks),
            d = inout(reg) d.as_ptr() => _,
        );
    }
    sums
}

/// See `portable.rs`.
#[inline(always)]
pub(crate) fn lifted_squares(labels: &[f32], units: usize, z: &[f32], goodnesses: &mut [f32]) {
    if !units.is_multiple_of(BLOCK) {
        let rows = pieces::rows(labels, units);
        return goodnesses.iter_mut().zip(rows).for_each(|(goodness, row)| [*goodness] = portable::squares(z, [row]));
    }
    let wanted = goodnesses.len().checked_mul(units);
    if goodnesses.is_empty() || units == 0 || z.len() < units || wanted.is_none_or(|wanted| labels.len() < wanted) {
        return;
    }
    let goodnesses = goodnesses.as_mut_ptr_range();
    // SAFETY: there is a goodness at least and as many rows of labels, each of whole blocks, one at least,
    // and z is as long as a row.
    unsafe {
        vfp!(
            [
                "2:",
                "vldmia {zeros}, {{s0-s7}}",
                "mov {z}, {start}",
                "3:",
                "vldmia {z}!, {{s8-s15}}",
                "vldmia {u}!, {{s16-s23}}",
                add!(),
                relu!(),
                "vmla.f32 s0, s16, s16",
                "vmla.f32 s1, s17, s17",
                "vmla.f32 s2, s18, s18",
                "vmla.f32 s3, s19, s19",
                "vmla.f32 s4, s20, s20",
                "vmla.f32 s5, s21, s21",
                "vmla.f32 s6, s22, s22",
                "vmla.f32 s7, s23, s23",
                "cmp {z}, {z_end}",
                "bne 3b",
                "vadd.f32 s0, s0, s1",
                "vadd.f32 s0, s0, s2",
                "vadd.f32 s0, s0, s3",
                "vadd.f32 s0, s0, s4",
                "vadd.f32 s0, s0, s5",
                "vadd.f32 s0, s0, s6",
                "vadd.f32 s0, s0, s7",
                "vstmia {goodness}!, {{s0}}",
                "cmp {goodness}, {end}",
                "bne 2b",
            ],
            zeros = in(reg) &raw const ZEROS,
            start = in(reg) z.as_ptr(),
            z_end = in(reg) z.as_ptr().wrapping_add(units),
            z = out(reg) _,
            u = inout(reg) labels.as_ptr() => _,
            goodness = inout(reg) goodnesses.start => _,
            end = in(reg) goodnesses.end,
            a = out(reg) _,
            b = out(reg) _,
        );
    }
}

/// See `portable.rs`.
#[inline(always)]
pub(crate) fn lifted_sums(labels: &[f32], units: usize, errors: &[f32], z: &Block, j: usize) -> Block {
    let mut sums = ZEROS;
    let wanted = errors.len().checked_mul(units);
    if errors.is_empty()
        || units.checked_sub(j).is_none_or(|rest| rest < BLOCK)
        || wanted.is_none_or(|wanted| labels.len() < wanted)
    {
        return sums;
    }
    let errors = errors.as_ptr_range();
    // SAFETY: there is an error at least, as many rows of labels as errors, and a block in each from the
    // `j`th value on.
    unsafe {
        vfp!(
            [
                "vldmia {sums}, {{s0-s7}}",
                "vldmia {z}, {{s8-s15}}",
                "2:",
                "ldr {a}, [{error}], #4",
                "vmov s24, {a}",
                "lsls {a}, {a}, #1",
                "beq 3f",
                "vldmia {u}, {{s16-s23}}",
                add!(),
                relu!(),
                multiply_add!(),
                "3:",
                "add {u}, {u}, {row}",
                "cmp {error}, {end}",
                "bne 2b",
                "vstmia {sums}, {{s0-s7}}",
            ],
            sums = in(reg) &raw mut sums,
            z = in(reg) z,
            u = inout(reg) labels.as_ptr().wrapping_add(j) => _,
            row = in(reg) units * size_of::<f32>(),
            error = inout(reg) errors.start => _,
            end = in(reg) errors.end,
            a = out(reg) _,
            b = out(reg) _,
        );
    }
    sums
}

/// See `portable.rs`.
#[inline(always)]
pub(crate) fn lift(u: &mut [Block], e: f32, z: &[Block]) {
    let blocks = z.len().min(u.len());
    if blocks == 0 {
        return;
    }
    let z = z.as_ptr();
    // SAFETY: both have so many blocks, one at least.
    unsafe {
        vfp!(
            [
                "vmov s24, {e}",
                "2:",
                "vldmia {z}!, {{s8-s15}}",
                "vldmia {u}, {{s0-s7}}",
                "vadd.f32 s16, s8, s0",
                "vadd.f32 s17, s9, s1",
                "vadd.f32 s18, s10, s2",
                "vadd.f32 s19, s11, s3",
                "vadd.f32 s20, s12, s4",
                "vadd.f32 s21, s13, s5",
                "vadd.f32 s22, s14, s6",
                "vadd.f32 s23, s15, s7",
                relu!(),
                multiply_add!(),
                "vstmia {u}!, {{s0-s7}}",
                "cmp {z}, {end}",
                "bne 2b",
            ],
            z = inout(reg) z => _,
            end = in(reg) z.wrapping_add(blocks),
            u = inout(reg) u.as_mut_ptr() => _,
            a = out(reg) _,
            b = out(reg) _,
            e = in(reg) e.to_bits(),
        );
    }
}
