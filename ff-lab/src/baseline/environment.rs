//! What candle and the C library read from the environment when a process starts.
//!
//! Candle takes its number of threads from there and from nowhere else. And in every step it asks for
//! arrays as large as the network, and gives them back, dozens of times: a C library that returns them
//! to the system each time spends more time on fresh pages than candle does on products. Measured
//! with one thread, 2x1000, other work beside it: 54 to 87 s an epoch as it was, 46 s with the right
//! number of threads, 20 s with memory kept as well.

use std::env;
use std::process::Command;

use anyhow::Context;

/// Larger than any array of a network: blocks up to this size are kept.
const KEEP: &str = "2147483648";

/// Sees to it that this process has that environment; where it has not, it begins anew with it, which
/// must be before it has done anything.
///
/// # Errors
/// Where the program cannot be started again.
pub fn settle(threads: usize) -> anyhow::Result<()> {
    let threads = threads.to_string();
    let mut missing = Vec::new();
    if env::var("RAYON_NUM_THREADS").as_ref() != Ok(&threads) {
        missing.push(("RAYON_NUM_THREADS", threads.as_str()));
    }
    // Whoever has chosen these has a reason.
    for name in ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"] {
        if env::var_os(name).is_none() {
            missing.push((name, KEEP));
        }
    }
    if missing.is_empty() { Ok(()) } else { begin_anew(&missing) }
}

/// In the place of this process, so that signals and exit code are the new one's. Setting the variables of one's own
/// process would be too late for the C library, and is `unsafe` where there may be threads.
#[cfg(unix)]
fn begin_anew(variables: &[(&str, &str)]) -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt;

    let program = env::current_exe().context("cannot tell where this program is")?;
    let error = Command::new(program).args(env::args_os().skip(1)).envs(variables.iter().copied()).exec();
    Err(error).context("cannot begin anew with the environment of the backprop baseline")
}

/// Elsewhere no process can take another's place: the baseline is slower, not different.
#[cfg(not(unix))]
fn begin_anew(_: &[(&str, &str)]) -> anyhow::Result<()> {
    Ok(())
}
