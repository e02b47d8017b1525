//! The date and the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns today's date in UTC, as `YYYY-MM-DD`.
pub fn today() -> String {
    date_of_day(now().as_secs() / 86_400)
}

/// Returns the time since 1970-01-01 in UTC.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
pub fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The date of a day counted from 1970-01-01, by the civil calendar (proleptic Gregorian).
fn date_of_day(day: u64) -> String {
    // Years are counted from March, so that the leap day is the last day of a year; an era has 400 years.
    let day = day + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day_of_month:02}", year + era * 400 + carry)
}

#[cfg(test)]
mod tests {
    use super::date_of_day;

    #[test]
    fn days_become_dates() {
        for (day, expect) in
            [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_779, "2026-11-22")]
        {
            assert_eq!(date_of_day(day), expect);
        }
    }
}
