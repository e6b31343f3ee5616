//! How much memory this process takes.

use std::fs;

/// The most memory that this process held at once, in bytes: the peak of its resident set, as
/// Linux tells it. None on other systems.
#[must_use]
pub fn peak() -> Option<u64> {
    parse(&fs::read_to_string("/proc/self/status").ok()?)
}

/// The line `VmHWM:   12345 kB` of a process's status.
fn parse(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::{parse, peak};

    #[test]
    fn the_peak_is_read_in_bytes() {
        assert_eq!(parse("Name:\tff\nVmHWM:\t    2048 kB\nVmRSS:\t 12 kB\n"), Some(2 << 20));
        assert_eq!(parse("Name:\tff\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_peak_grows_with_what_is_held() {
        let before = peak().unwrap();
        // Written to, since pages that were never touched are not resident.
        let held = vec![1_u8; before as usize + (8 << 20)];
        assert!(peak().unwrap() > before + (4 << 20), "{} bytes held", held.len());
    }
}
