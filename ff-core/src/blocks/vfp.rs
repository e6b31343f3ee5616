//! The loops in assembler, for Arm's floating-point registers.
//!
//! What each computes is said in `portable.rs`, and in the same order: `vmla` rounds the product and then
//! the sum, so the bits are the same. `relu` is done on whole numbers, as [`rectified`] does it: the sign,
//! spread over a word, clears it.
//!
//! [`rectified`]: crate::math::rectified
#![expect(unsafe_code, reason = "assembler; each block says what makes its memory accesses sound")]

use core::arch::asm;

use super::{BLOCK, Block, Wide, portable};
use crate::active::Tile;
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

/// One instruction for each value of a block: the registers that it writes, and the two that it reads.
macro_rules! block {
    ($op:literal, $($to:literal)+, $($a:literal)+, $($b:literal)+) => {
        concat!($($op, " s", $to, ", s", $a, ", s", $b, "\n"),+)
    };
}

/// The instructions that make `relu` of s16 to s23, two at a time.
macro_rules! relu {
    () => {
        relu!(16 17, 18 19, 20 21, 22 23)
    };
    ($($x:literal $y:literal),+) => {
        concat!($(
            "vmov {a}, {b}, s", $x, ", s", $y, "\n",
            "bic {a}, {a}, {a}, asr #31\n",
            "bic {b}, {b}, {b}, asr #31\n",
            "vmov s", $x, ", s", $y, ", {a}, {b}\n"
        ),+)
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
                block!("vmla.f32", 0 1 2 3 4 5 6 7, 16 17 18 19 20 21 22 23, 24 24 24 24 24 24 24 24),
                "vldmia {row}, {{s16-s23}}",
                block!("vmla.f32", 8 9 10 11 12 13 14 15, 16 17 18 19 20 21 22 23, 24 24 24 24 24 24 24 24),
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
                block!("vmla.f32", 0 1 2 3 4 5 6 7, 16 17 18 19 20 21 22 23, 24 24 24 24 24 24 24 24),
                block!("vmla.f32", 8 9 10 11 12 13 14 15, 16 17 18 19 20 21 22 23, 25 25 25 25 25 25 25 25),
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
pub(crate) fn rank_update(tile: Tile<'_, 1>, scale: f32, d: &Wide, column: usize, w: &mut [f32]) {
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
                block!("vmla.f32", 16 17 18 19 20 21 22 23, 24 24 24 24 24 24 24 24, 0 1 2 3 4 5 6 7),
                "vstmia {row}!, {{s16-s23}}",
                "vldmia {row}, {{s16-s23}}",
                block!("vmla.f32", 16 17 18 19 20 21 22 23, 24 24 24 24 24 24 24 24, 8 9 10 11 12 13 14 15),
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
                block!("vmla.f32", 0 1 2 3 4 5 6 7, 16 17 18 19 20 21 22 23, 24 24 24 24 24 24 24 24),
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
                block!("vmla.f32", 0 1 2 3 4 5 6 7, 8 9 10 11 12 13 14 15, 16 17 18 19 20 21 22 23),
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
                block!("vadd.f32", 16 17 18 19 20 21 22 23, 8 9 10 11 12 13 14 15, 16 17 18 19 20 21 22 23),
                relu!(),
                block!("vmla.f32", 0 1 2 3 4 5 6 7, 16 17 18 19 20 21 22 23, 16 17 18 19 20 21 22 23),
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
                block!("vadd.f32", 16 17 18 19 20 21 22 23, 8 9 10 11 12 13 14 15, 16 17 18 19 20 21 22 23),
                relu!(),
                block!("vmla.f32", 0 1 2 3 4 5 6 7, 16 17 18 19 20 21 22 23, 24 24 24 24 24 24 24 24),
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
                block!("vadd.f32", 16 17 18 19 20 21 22 23, 8 9 10 11 12 13 14 15, 0 1 2 3 4 5 6 7),
                relu!(),
                block!("vmla.f32", 0 1 2 3 4 5 6 7, 16 17 18 19 20 21 22 23, 24 24 24 24 24 24 24 24),
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
