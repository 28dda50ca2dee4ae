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
}
