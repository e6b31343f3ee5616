//! The time in the name of a run's folder.

use std::time::SystemTime;

use jiff::Timestamp;

/// A time to the second, in UTC; `undated` where a clock is set to no year that has four digits.
#[must_use]
pub fn stamp(now: SystemTime) -> String {
    match Timestamp::try_from(now) {
        Ok(time) if time.as_second() >= 0 => time.strftime("%Y%m%dT%H%M%SZ").to_string(),
        _ => "undated".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::stamp;

    #[test]
    fn any_clock_gives_a_name() {
        let after = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(stamp(after(951_782_400)), "20000229T000000Z");
        assert_eq!(stamp(after(253_402_300_800)), "undated", "the first second of the year 10000");
        assert_eq!(stamp(SystemTime::UNIX_EPOCH - Duration::from_secs(1 << 40)), "undated");
    }
}
