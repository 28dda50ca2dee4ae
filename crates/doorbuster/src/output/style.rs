//! Colours and marks. Colour is never alone: each state has a shape and a word too.

use anstyle::{AnsiColor, Style};
use comfy_table::{LineStyle, TableStyle};

pub(crate) const GOOD: Style = AnsiColor::Blue.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const CRITICAL: Style = AnsiColor::Red.on_default().bold();
pub(crate) const BOLD: Style = Style::new().bold();

/// Tables: a line under the head, none between rows.
pub(crate) const TABLE: TableStyle = TableStyle::new()
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Good,
    Warn,
    Bad,
}

/// The mark's shape, coloured.
pub(crate) fn symbol(mark: Mark) -> String {
    let (style, shape) = match mark {
        Mark::Good => (GOOD, "●"),
        Mark::Warn => (WARN, "▲"),
        Mark::Bad => (CRITICAL, "■"),
    };
    format!("{style}{shape}{style:#}")
}

/// A share as a percentage with one decimal; a dash where there is none.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |s| format!("{:.1} %", s * 100.0))
}

/// A latency: milliseconds below a second, seconds from there; a dash where there is none.
pub(crate) fn latency(ms: Option<f64>) -> String {
    match ms {
        None => "-".to_owned(),
        Some(ms) if ms < 10.0 => format!("{ms:.1} ms"),
        Some(ms) if ms < 1000.0 => format!("{ms:.0} ms"),
        Some(ms) => format!("{:.2} s", ms / 1000.0),
    }
}

/// A latency with microseconds below a millisecond: answers on loopback and a generator's delays are that short.
pub(crate) fn fine_latency(ms: Option<f64>) -> String {
    match ms {
        Some(ms) if ms < 0.9995 => format!("{:.0} µs", ms * 1000.0),
        Some(ms) if ms < 9.995 => format!("{ms:.2} ms"),
        Some(ms) if ms < 99.95 => format!("{ms:.1} ms"),
        Some(ms) if ms < 999.5 => format!("{ms:.0} ms"),
        Some(ms) => format!("{:.2} s", ms / 1000.0),
        None => latency(None),
    }
}

/// A whole number with commas between thousands.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A rate a second: one decimal below 100.
pub(crate) fn rate(per_second: f64) -> String {
    if per_second < 99.95 { format!("{per_second:.1}/s") } else { format!("{}/s", count(per_second.round() as u64)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_change_their_unit_at_a_second() {
        let table = [(None, "-"), (Some(0.44), "0.4 ms"), (Some(52.4), "52 ms"), (Some(3247.0), "3.25 s")];
        for (ms, text) in table {
            assert_eq!(latency(ms), text);
        }
    }

    #[test]
    fn fine_latencies_begin_with_microseconds() {
        let table = [
            (None, "-"),
            (Some(0.0123), "12 µs"),
            (Some(0.9994), "999 µs"),
            (Some(0.9996), "1.00 ms"),
            (Some(9.99), "9.99 ms"),
            (Some(9.999), "10.0 ms"),
            (Some(503.2), "503 ms"),
            (Some(999.6), "1.00 s"),
            (Some(12_345.0), "12.35 s"),
        ];
        for (ms, text) in table {
            assert_eq!(fine_latency(ms), text, "{ms:?}");
        }
    }

    #[test]
    fn counts_have_commas_and_rates_their_unit() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
        assert_eq!([rate(0.25), rate(99.94), rate(1999.6)], ["0.2/s", "99.9/s", "2,000/s"]);
    }
}
