//! What the machine could do at best: fused multiply-adds from registers, on every thread.

use std::io;
use std::thread::{self, Builder};
use std::time::Instant;

use pulp::{Arch, Simd, WithSimd};

/// Independent chains of fused multiply-adds: more than any core's latency times its units.
const CHAINS: usize = 12;

/// Rounds of one reading: about ten milliseconds.
const ROUNDS: usize = 4_000_000;

/// Readings, of which the best counts: whatever else the machine does only slows one down. For half a
/// second, since a system may leave two fresh threads on one core for a tenth.
const READINGS: usize = 60;

/// GFLOP/s of `threads` threads together, each fused multiply-add counting two.
///
/// # Errors
/// Threads that the machine refuses.
pub fn fma_gflops(threads: usize) -> io::Result<f64> {
    let reading = || {
        let start = Instant::now();
        let lanes = lanes(threads)?;
        Ok((2 * CHAINS * ROUNDS * lanes) as f64 / start.elapsed().as_secs_f64() / 1e9)
    };
    (0..READINGS).try_fold(0.0, |best, _| reading().map(|reading: f64| reading.max(best)))
}

/// Runs the loop on every thread; the lanes of them all.
fn lanes(threads: usize) -> io::Result<usize> {
    thread::scope(|scope| {
        let spawn = |_| Builder::new().spawn_scoped(scope, || Arch::new().dispatch(Chains));
        let workers = (0..threads).map(spawn).collect::<io::Result<Vec<_>>>()?;
        Ok(workers.into_iter().filter_map(|worker| worker.join().ok()).sum())
    })
}

/// The loop itself, compiled for the widest vectors that the machine has. Gives their lanes.
struct Chains;

impl WithSimd for Chains {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        // Nothing may be known when this is compiled, or it is not computed here.
        let unknown = std::hint::black_box([0.999, 0.001, 1.0]);
        let [factor, term, start] = unknown.map(|value| simd.splat_f32s(value));
        let mut chains = [start; CHAINS];
        for _ in 0..ROUNDS {
            for chain in &mut chains {
                *chain = simd.mul_add_f32s(*chain, factor, term);
            }
        }
        // The result must be used, or the loop is not there.
        std::hint::black_box(chains);
        S::F32_LANES
    }
}
