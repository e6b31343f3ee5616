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
    let others = [SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal));
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

/// Whether this process ignores a signal. A number that is no signal is not ignored.
#[cfg(unix)]
#[allow(unsafe_code, reason = "no crate asks the system without being able to change the answer")]
fn is_ignored(signal: i32) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action the call only asks. It writes a whole action where it returns 0, and only
    // then is one read.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::is_ignored;

    #[test]
    fn what_the_system_ignores_is_told() {
        // Rust's start-up ignores SIGPIPE.
        assert!(is_ignored(libc::SIGPIPE) && !is_ignored(libc::SIGUSR1) && !is_ignored(0));
    }
}
