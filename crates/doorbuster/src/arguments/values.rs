//! Values with bounds of their own.

use std::time::Duration;

const DAY_SECONDS: u64 = 24 * 3600;

/// How long a fault stays.
pub(super) fn lasting(text: &str) -> Result<Duration, String> {
    duration(text)
        .filter(|d| !d.is_zero() && d.as_secs() <= DAY_SECONDS)
        .ok_or_else(|| "give a duration over 0 and up to 24 h, such as 30s or 2m".to_owned())
}

/// Scenario minutes per real minute.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.1..=60.0).contains(&value) => Ok(value),
        _ => Err("give a number from 0.1 to 60; the shipped scenarios hold at 1 to 10".to_owned()),
    }
}

/// How long load lasts, or may last.
pub(super) fn load_duration(text: &str) -> Result<Duration, String> {
    duration(text)
        .filter(|d| d.as_secs() >= 1 && d.as_secs() <= DAY_SECONDS)
        .ok_or_else(|| "give a duration from 1s to 24h, such as 30s or 5m".to_owned())
}

/// How long traffic lasts: seconds, or a duration.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let plain = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    plain
        .or_else(|| duration(text))
        .filter(|d| d.as_secs() >= 1 && d.as_secs() <= DAY_SECONDS)
        .ok_or_else(|| "give seconds from 1 to 86400, or a duration such as 5m".to_owned())
}

/// Requests a second of one mode of traffic.
pub(super) fn traffic_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 1_000.0 => Ok(value),
        _ => Err("give requests a second, over 0 and up to 1000; `doorbuster load` sends more".to_owned()),
    }
}

/// How long telemetry is kept on disk.
pub(super) fn retention(text: &str) -> Result<Duration, String> {
    const MINUTES: std::ops::RangeInclusive<u64> = 1..=8760 * 60;
    duration(text)
        .filter(|d| MINUTES.contains(&(d.as_secs() / 60)))
        .ok_or_else(|| "give a duration from 1m to 8760h, such as 24h".to_owned())
}

/// Arrivals a second.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 10_000_000.0 => Ok(value),
        _ => Err("give arrivals a second, over 0 and up to 10000000".to_owned()),
    }
}

/// A moment in Unix seconds.
pub(super) fn moment(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err("give Unix seconds, such as $(($(date +%s) + 10))".to_owned()),
    }
}

/// Where a target is: `URL` for the only one, `NAME=URL` for one of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TargetArgument {
    /// Its name in the file; the file's only target where there is none.
    pub(crate) name: Option<String>,
    pub(crate) url: String,
}

/// A [`TargetArgument`]. A URL holds `://` before any `=`.
pub(super) fn target(text: &str) -> Result<TargetArgument, String> {
    let (name, url) = match text.split_once('=') {
        Some((name, url)) if !name.contains("://") => (Some(name.trim().to_owned()), url),
        _ => (None, text),
    };
    if name.as_ref().is_some_and(String::is_empty) || !(url.starts_with("http://") || url.starts_with("https://")) {
        return Err("give URL or NAME=URL with a URL such as http://127.0.0.1:8080".to_owned());
    }
    Ok(TargetArgument { name, url: url.to_owned() })
}

fn duration(text: &str) -> Option<Duration> {
    text.parse::<jiff::SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_url_with_or_without_a_name() {
        let table = [
            ("http://127.0.0.1:8080", Some((None, "http://127.0.0.1:8080"))),
            ("shop=https://shop.test/base", Some((Some("shop"), "https://shop.test/base"))),
            ("http://127.0.0.1/?a=b", Some((None, "http://127.0.0.1/?a=b"))),
            ("shop", None),
            ("=http://127.0.0.1", None),
            ("shop=ftp://127.0.0.1", None),
        ];
        for (text, expected) in table {
            let expected =
                expected.map(|(name, url)| TargetArgument { name: name.map(str::to_owned), url: url.to_owned() });
            assert_eq!(target(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn traffic_lasts_seconds_or_a_duration_and_has_a_rate_within_bounds() {
        let table = [("300", Some(300.0)), ("1.5", Some(1.5)), ("5m", Some(300.0)), ("90s", Some(90.0)), ("0", None)];
        for (text, expected) in table.into_iter().chain([("-5", None), ("25h", None), ("1e9", None), ("soon", None)]) {
            assert_eq!(seconds(text).ok().map(|d| d.as_secs_f64()), expected, "{text}");
        }
        for (text, is_right) in
            [("10", true), ("0.5", true), ("1000", true), ("0", false), ("1001", false), ("NaN", false)]
        {
            assert_eq!(traffic_rate(text).is_ok(), is_right, "{text}");
        }
    }

    #[test]
    fn durations_of_load_are_from_a_second_to_a_day() {
        for (text, seconds) in [
            ("30s", Some(30)),
            ("5m", Some(300)),
            ("1h30m", Some(5400)),
            ("0s", None),
            ("25h", None),
            ("soon", None),
            ("-5s", None),
        ] {
            assert_eq!(load_duration(text).ok().map(|d| d.as_secs()), seconds, "{text}");
        }
    }
}
