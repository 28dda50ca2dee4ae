//! Numbers for people.

/// A number and its unit.
pub(crate) struct Amount {
    pub(crate) number: String,
    pub(crate) unit: &'static str,
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.number, self.unit)
    }
}

/// A duration in milliseconds: `0.84 ms`, `12 ms`, `2.95 s`.
pub(crate) fn duration(ms: f64) -> Amount {
    let (number, unit) = match ms {
        ms if ms >= 60_000.0 => (format!("{:.1}", ms / 60_000.0), "min"),
        ms if ms >= 1000.0 => (format!("{:.2}", ms / 1000.0), "s"),
        ms if ms >= 10.0 => (format!("{ms:.0}"), "ms"),
        ms if ms >= 1.0 => (format!("{ms:.1}"), "ms"),
        ms => (format!("{ms:.2}"), "ms"),
    };
    Amount { number, unit }
}

/// A share, 0 to 1: `64.9 %`.
pub(crate) fn share(share: f64) -> Amount {
    let percent = share * 100.0;
    let number = if percent == 0.0 || percent >= 99.95 { format!("{percent:.0}") } else { format!("{percent:.1}") };
    Amount { number, unit: "%" }
}

/// A count with thin spaces between thousands: `4 200`.
pub(crate) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// A rate as a whole number with thin spaces, below ten with one decimal.
pub(crate) fn rate(rate: f64) -> String {
    if rate > 0.0 && rate < 10.0 { format!("{rate:.1}") } else { count(rate.round().max(0.0) as u64) }
}

/// Dollars: `$323 650`, below a hundred with cents.
pub(crate) fn dollars(amount: f64) -> String {
    if amount > 0.0 && amount < 100.0 {
        format!("${amount:.2}")
    } else {
        format!("${}", count(amount.round().max(0.0) as u64))
    }
}

/// Small amounts of money: `$12.40`, `$0.0123`, `$0.0000018`: two digits that count at least.
pub(crate) fn dollars_exactly(amount: f64) -> String {
    if amount <= 0.0 || amount >= 1.0 {
        return dollars(amount);
    }
    // A tenth of a thousandth of a cent is the least that a token costs.
    let decimals = (1.0 - amount.log10().floor()).clamp(2.0, 9.0) as usize;
    format!("${amount:.decimals$}")
}

/// A number without a unit: three digits that count, whole from a hundred on.
pub(crate) fn plain(number: f64) -> String {
    match number.abs() {
        size if size >= 100.0 || size == 0.0 => count(number.round().max(0.0) as u64),
        size => {
            let decimals = (2.0 - size.log10().floor()).clamp(0.0, 12.0) as usize;
            let text = format!("{number:.decimals$}");
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
        }
    }
}

/// Bytes: `84 MiB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let mib = bytes as f64 / (1024.0 * 1024.0);
    if mib >= 10.0 { format!("{mib:.0} MiB") } else { format!("{mib:.1} MiB") }
}

/// A stretch of time: `48 s`, `12 min`, `1.5 h`.
pub(crate) fn stretch(seconds: f64) -> String {
    match seconds {
        s if s >= 5400.0 => format!("{:.1} h", s / 3600.0),
        s if s > 180.0 => format!("{:.0} min", s / 60.0),
        s => format!("{s:.0} s"),
    }
}

/// The time of day in UTC: `12:03:59`.
pub(crate) fn time_of_day(unix_ms: f64) -> String {
    let seconds = (unix_ms / 1000.0) as u64 % 86_400;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well_at_every_size() {
        let durations =
            [(0.042, "0.04 ms"), (1.26, "1.3 ms"), (84.4, "84 ms"), (2951.0, "2.95 s"), (90_000.0, "1.5 min")];
        for (ms, text) in durations {
            assert_eq!(duration(ms).to_string(), text);
        }
        for (value, text) in [(0.0, "0 %"), (0.0042, "0.4 %"), (0.649, "64.9 %"), (1.0, "100 %")] {
            assert_eq!(share(value).to_string(), text);
        }
        for (value, text) in [(7, "7"), (999, "999"), (4200, "4\u{2009}200"), (1_234_567, "1\u{2009}234\u{2009}567")] {
            assert_eq!(count(value), text);
        }
        assert_eq!(
            (dollars(0.0), dollars(9.99), dollars(323_649.94)),
            ("$0".into(), "$9.99".into(), "$323\u{2009}650".into())
        );
        for (value, text) in [(0.0, "$0"), (12.4, "$12.40"), (0.0123, "$0.012"), (0.000_001_8, "$0.0000018")] {
            assert_eq!(dollars_exactly(value), text);
        }
        for (value, text) in [(0.0, "0"), (204.4, "204"), (5988.0, "5\u{2009}988"), (12.34, "12.3"), (0.05, "0.05")] {
            assert_eq!(plain(value), text);
        }
        assert_eq!(time_of_day(1_800_000_000_000.0), "08:00:00");
        assert_eq!(stretch(1980.0), "33 min");
    }
}
