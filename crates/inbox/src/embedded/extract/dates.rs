//! Days and times that a mail names.
//!
//! ISO 8601 where the mail leaves no doubt: `2026-12-01`, `2026-12-01 10:00`. Without a year, or where day and month could be
//! either, it stays as it is written. A weekday alone is one, too: "by Friday". Times without a day are not.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::{MOST_ITEMS, compiled, tidy};

/// Most days that are looked at, known ones among them: what has more is a calendar.
const MOST_LOOKED_AT: usize = 100;

/// With a capital: "you may 3 times" is no day.
const MONTH: &str = "(?-i:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)";
const WEEKDAY: &str = "monday|tuesday|wednesday|thursday|friday|saturday|sunday";
const WEEKDAY_SHORT: &str = "mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun";
const TIME: &str =
    r"(?P<hour>\d{1,2})(?:(?:[:.](?P<minute>[0-5]\d))\s?(?P<half>[ap]\.?m\b\.?)?|\s?(?P<half_alone>[ap]\.?m\b\.?))";

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(?ix)
        (?:\b(?P<weekday>{WEEKDAY}|(?:{WEEKDAY_SHORT})\b\.?)[,\s]{{1,3}}(?:the\s|den\s)?)?
        (?:
            \b(?P<iso_year>20\d\d)-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)
            |\b(?P<dotted_day>\d{{1,2}})\.\s?(?P<dotted_month>\d{{1,2}})\.\s?(?P<dotted_year>20\d\d)\b
            |\b(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}})/(?P<slashed_year>20\d\d)\b
            |\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:of\s)?(?P<month>{MONTH})\b\.?(?:,?\s(?P<year>20\d\d)\b)?
            |\b(?P<us_month>{MONTH})\b\.?\s(?P<us_day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<us_year>20\d\d)\b)?
        )
        (?:(?:\s|,\s|T|\sat\s|,\sat\s|\sfrom\s|,\sfrom\s){TIME})?"
    ))
});

/// The name of a day where it is written out. "Every Monday" and "Monday to Friday" are rules, not days.
static WEEKDAY_ALONE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(?i)\b(?:next |this |(?P<rule>every |each |first |second |third |last |one ))?(?:{WEEKDAY}|tomorrow)\b(?:,? (?:at |from )?{TIME}|(?P<week> ?(?:to|till|through|-|–) ?(?:{WEEKDAY})\b))?"
    ))
});

/// The dates of `text`, each once, in its order.
pub(super) fn find(text: &str) -> Vec<String> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut read_until = 0;
    let weekdays = |found: &mut Vec<(usize, String)>, from: usize, to: usize| {
        for captures in WEEKDAY_ALONE.captures_iter(&text[from..to]).take(MOST_LOOKED_AT) {
            let Some(day) = captures.get(0) else { continue };
            let is_a_rule = captures.name("rule").or(captures.name("week")).is_some();
            let is_tomorrow_at_no_time =
                captures.name("hour").is_none() && day.as_str().to_lowercase().contains("tomorrow");
            if !is_a_rule && !is_tomorrow_at_no_time {
                found.extend(tidy(day.as_str()).map(|day_text| (from + day.start(), day_text)));
            }
        }
    };
    for captures in DATE.captures_iter(text).take(MOST_LOOKED_AT) {
        let Some(whole) = captures.get(0) else { continue };
        weekdays(&mut found, read_until, whole.start());
        read_until = whole.end();
        found.extend(date(&captures).map(|date| (whole.start(), date)));
    }
    weekdays(&mut found, read_until, text.len());
    let mut dates: Vec<String> = Vec::new();
    for (_, date) in found {
        if dates.len() < MOST_ITEMS && !dates.contains(&date) {
            dates.push(date);
        }
    }
    dates
}

/// The date of a match, if there is such a day.
fn date(found: &Captures<'_>) -> Option<String> {
    let number = |name: &str| found.name(name).and_then(|part| part.as_str().parse::<i16>().ok());
    let named = |name: &str| found.name(name).and_then(|part| month(part.as_str()));
    let as_written = || tidy(found.get(0)?.as_str());
    let (year, month, day) = if let Some(year) = number("iso_year") {
        (Some(year), number("iso_month")?, number("iso_day")?)
    } else if let Some(year) = number("dotted_year") {
        (Some(year), number("dotted_month")?, number("dotted_day")?)
    } else if let Some(year) = number("slashed_year") {
        let (first, second) = (number("first")?, number("second")?);
        match (first > 12, second > 12) {
            (true, false) => (Some(year), second, first),
            (false, true) => (Some(year), first, second),
            (false, false) if first == second => (Some(year), first, second),
            (false, false) => return as_written(),
            (true, true) => return None,
        }
    } else if let Some(month) = named("month") {
        (number("year"), month, number("day")?)
    } else {
        (number("us_year"), named("us_month")?, number("us_day")?)
    };
    // Any leap year, where none is named.
    let day_of = Date::new(year.unwrap_or(2024), month.try_into().ok()?, day.try_into().ok()?).ok()?;
    match (year, time(found)) {
        (None, _) => as_written(),
        (Some(_), None) => Some(day_of.to_string()),
        (Some(_), Some((hour, minute))) => Some(format!("{day_of} {hour:02}:{minute:02}")),
    }
}

/// Hour and minute of a match, if there is such a time.
fn time(found: &Captures<'_>) -> Option<(u8, u8)> {
    let number = |name: &str| found.name(name).and_then(|part| part.as_str().parse::<u8>().ok());
    let (hour, minute) = (number("hour")?, number("minute").unwrap_or(0));
    let half = found.name("half").or(found.name("half_alone")).map(|half| half.as_str().to_ascii_lowercase());
    let hour = match half.as_deref().map(|half| half.starts_with('p')) {
        None => Some(hour).filter(|hour| *hour < 24),
        Some(_) if !(1..=12).contains(&hour) => None,
        Some(afternoon) => Some(hour % 12 + if afternoon { 12 } else { 0 }),
    };
    hour.map(|hour| (hour, minute))
}

fn month(name: &str) -> Option<i16> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = name.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| name.starts_with(month))?;
    i16::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_with_a_year_is_written_as_iso_8601_has_it() {
        for (text, expected) in [
            ("on 2026-12-01.", "2026-12-01"),
            ("on 2026-12-01T09:30", "2026-12-01 09:30"),
            ("on 1 December 2026 at 10:00", "2026-12-01 10:00"),
            ("on Tuesday, 1st of December 2026, 4 pm", "2026-12-01 16:00"),
            ("December 1st, 2026 at 12:15 am", "2026-12-01 00:15"),
            ("am 1.12.2026", "2026-12-01"),
            ("13/12/2026", "2026-12-13"),
            ("12/13/2026", "2026-12-13"),
            ("29 Feb 2028", "2028-02-29"),
        ] {
            assert_eq!(find(text), [expected], "{text}");
        }
    }

    #[test]
    fn what_leaves_a_doubt_stays_as_it_is_written() {
        for (text, expected) in [
            ("on 03/04/2026", vec!["03/04/2026"]),
            ("Tuesday 9 July at 08:20 with us", vec!["Tuesday 9 July at 08:20"]),
            ("by May 3", vec!["May 3"]),
            ("answer by Friday, or next Tuesday at 4 pm", vec!["Friday", "next Tuesday at 4 pm"]),
            ("tomorrow at 10:30? tomorrow?", vec!["tomorrow at 10:30"]),
            ("Friday. Friday! Friday?", vec!["Friday"]),
        ] {
            assert_eq!(find(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_left_alone() {
        for text in [
            "30 February 2026",
            "2026-13-01",
            "31/31/2026",
            "you may 3 times",
            "room 12:30, version 2.10.3, 555-1234",
            "May I call? In march we walk. I sat there in the sun.",
            "tomorrow",
            "Monday to Friday, one Saturday in four, every Tuesday at 4 pm, Mondays",
            "",
        ] {
            assert_eq!(find(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn no_more_dates_than_the_bound() {
        let text: String = (1..=28).map(|day| format!("{day} May 2026, ")).collect();
        assert_eq!(find(&text).len(), MOST_ITEMS);
    }
}
