//! Signals that ask the program to end: Ctrl-C, and what systems and closing terminals send.

/// Calls `each` in a thread of its own whenever somebody asks the program to end. What was being ignored
/// when it began, as under `nohup`, stays ignored; but for Ctrl-C, which shells have programs in the
/// background ignore: whoever sends it to one by itself means it. To be called once.
///
/// # Errors
/// Where the system does not let signals be handled.
#[cfg(unix)]
pub fn on_end(each: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let others = [SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(&status, signal));
    let mut signals = signal_hook::iterator::Signals::new(others.chain([SIGINT]))?;
    std::thread::spawn(move || signals.forever().for_each(|_| each()));
    Ok(())
}

/// See there.
///
/// # Errors
/// As there.
#[cfg(not(unix))]
pub fn on_end(each: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    Ok(ctrlc::set_handler(each)?)
}

/// Has writes beyond a limit on the size of files fail, as on a full disk, where a signal would end the program
/// by default. To be called first of all.
#[cfg(unix)]
pub fn take_limits_as_errors() {
    // What the flag says is not asked for: the write fails as well. Where no handler may be set, all is as before.
    let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, flag);
}

/// See there: other systems have no such signal.
#[cfg(not(unix))]
pub const fn take_limits_as_errors() {}

/// Whether a process ignores a signal, as Linux tells it: the line `SigIgn:` of its status is a mask.
#[cfg(unix)]
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

#[cfg(all(test, unix))]
mod tests {
    use super::is_ignored;

    #[test]
    fn the_mask_counts_from_the_first_signal() {
        let status = "Name:\tff\nSigIgn:\t0000000000001001\n";
        assert!(is_ignored(status, 1) && is_ignored(status, 13));
        assert!(!is_ignored(status, 2) && !is_ignored("Name:\tff\n", 1));
    }
}
