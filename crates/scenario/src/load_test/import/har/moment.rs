//! `2026-11-21T10:15:00.250+01:00`, as milliseconds since 1970. (No crate of clocks may be used here.)

/// The moment that `text` (ISO 8601 with a date, a time and a zone) names, in milliseconds since 1970.
pub(super) fn milliseconds(text: &str) -> Option<f64> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let zone_at = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone_at);
    let mut parts = clock.splitn(3, ':').map(|part| part.parse::<f64>().ok().filter(|n| (0.0..61.0).contains(n)));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0.0))?);
    let minutes = days_since_1970(year, month, day) as f64 * 1440.0 + hour * 60.0 + minute - offset_minutes(zone)?;
    Some((minutes * 60.0 + second) * 1000.0)
}

fn offset_minutes(zone: &str) -> Option<f64> {
    let sign = match zone.chars().next()? {
        'Z' | 'z' => return Some(0.0),
        '+' => 1.0,
        _ => -1.0,
    };
    let digits: String = zone.chars().skip(1).filter(|c| *c != ':').collect();
    let number: f64 = digits.parse::<u16>().ok()?.into();
    let hours_and_minutes = if digits.len() == 2 { number * 100.0 } else { number };
    Some(sign * ((hours_and_minutes / 100.0).floor() * 60.0 + hours_and_minutes % 100.0))
}

/// Days from 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_counted_from_1970() {
        let table = [
            ("1970-01-01T00:00:00Z", Some(0.0)),
            ("2000-03-01T00:00:00.000Z", Some(951_868_800_000.0)),
            ("2024-02-29T12:30:15.250Z", Some(1_709_209_815_250.0)),
            ("2024-02-29T13:30:15.250+01:00", Some(1_709_209_815_250.0)),
            ("2024-02-29T07:00:15.25-0530", Some(1_709_209_815_250.0)),
            ("2024-02-29T12:30Z", Some(1_709_209_800_000.0)),
            ("2024-02-29", None),
            ("2024-02-29T12:30:15", None),
            ("2024-13-29T12:30:15Z", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
