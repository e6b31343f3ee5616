//! How much memory this process takes.

use std::fs;

use anyhow::ensure;

/// The most memory that this process held at once, in bytes: the peak of its resident set, as
/// Linux tells it. None on other systems.
#[must_use]
pub fn peak() -> Option<u64> {
    parse(&fs::read_to_string("/proc/self/status").ok()?)
}

/// Refuses networks that this process cannot get the memory for, before asking in earnest ends it.
///
/// `values` are those of one network, none where they are too many to count; of these and what is kept
/// beside them, `copies` are needed.
///
/// # Errors
/// Where the system has no such memory to give.
pub fn reserve(values: Option<usize>, copies: usize) -> anyhow::Result<()> {
    let floats = values.and_then(|values| values.checked_mul(copies));
    let is_there = floats.is_some_and(|floats| Vec::<f32>::new().try_reserve_exact(floats).is_ok());
    let gigabytes = floats.map_or(f64::INFINITY, |floats| 4e-9 * floats as f64);
    ensure!(
        is_there,
        "there is no memory for so large a network and its batches ({gigabytes:.1} GB are needed); make --layers or \
         --batch smaller"
    );
    Ok(())
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
