//! What the job pays: currency, amount or range, and period, as `EUR 55000-60000 per year`.
//!
//! Money is a salary if it has a period, or a pay word stands in its sentence, and nothing right before it says that it is
//! something else. Amounts are written without separators; what the mail doesn't say isn't filled in.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::sentences::sentence_around;
use super::{boundary, compiled};

/// How far back a word can say that an amount is no salary, in bytes: "a signing bonus of up to".
const BEFORE_BYTES: usize = 28;

/// Most amounts that are looked at: what comes after so many numbers is a list of something.
const MOST_AMOUNTS: usize = 100;

const CURRENCY: &str = r"US\$|[$€£¥₹]|\b(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|CAD|AUD|NZD|INR|JPY|SGD|ZAR)\b";
const AMOUNT: &str = r"\d{1,3}(?:[,.'’\u{a0}\u{202f}\ ]\d{3})+(?:[.,]\d{1,2}\b)?|\d{1,6}(?:[.,]\d{1,2})?";

static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(?ix)
        (?P<before>{CURRENCY})?\s?
        \b(?P<low>{AMOUNT})(?P<low_k>\s?k\b)?
        (?:\s?(?:-|–|—|\bto\b)\s?(?:{CURRENCY})?\s?(?P<high>{AMOUNT})(?P<high_k>\s?k\b)?)?
        (?:\s?(?P<after>{CURRENCY}|\beuros?\b))?
        (?:\s*(?:gross|basic|base|before\ tax|net)\b)?
        \s*(?P<period>
            (?:/|\b(?:per|an?|each)\b)\s?(?:hour|hr|h|day|week|wk|month|mo|year|yr|annum)\b
            |\b(?:hourly|daily|weekly|monthly|yearly|annually|p\.a\.|p/a|pa\b)
        )?"
    ))
});

static PAY: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)\b(?:salar(?:y|ies)|pay|pays|paid|wages?|compensation|remuneration|package|base|basic|stipend|hourly rate|day rate|OTE|earn(?:ing)?s?|offer(?:ing)?)\b",
    )
});

static SOMETHING_ELSE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)\b(?:invoice|bill|fees?|due|charged?|budget|bonus|deposit|refund|price|discount|card|allowance|reimbursed?|expenses|equity|worth|raised|funding|revenue|relocation|plus|element|interest|transfer)\b",
    )
});

/// The first salary that `text` names.
pub(super) fn find(text: &str) -> Option<String> {
    MONEY.captures_iter(text).take(MOST_AMOUNTS).find_map(|found| salary(text, &found))
}

fn salary(text: &str, found: &Captures<'_>) -> Option<String> {
    let part = |name| found.name(name).map(|part| part.as_str());
    let place = found.get(0)?.range();
    let before = text[..place.start].trim_end_matches(|c: char| c != '\n').len();
    let before = before.max(boundary(text, place.start.saturating_sub(BEFORE_BYTES)));
    if SOMETHING_ELSE.is_match(&text[before..place.start]) {
        return None;
    }
    let currency = part("before").or(part("after")).map(code);
    let period = part("period").and_then(period);
    let is_pay = match (currency, period) {
        (Some(_), Some(_)) => true,
        // Who writes "£34k" to a job seeker means a year's pay.
        (Some(_), None) if found.name("low_k").or(found.name("high_k")).is_some() => true,
        (Some(_), None) | (None, Some(_)) => PAY.is_match(&text[sentence_around(text, &place)]),
        (None, None) => false,
    };
    if !is_pay {
        return None;
    }
    let high = part("high").map(plain);
    let thousands = part("high_k").is_some();
    // "55-60k" means both.
    let low = with_thousands(plain(part("low")?), part("low_k").is_some() || (thousands && high.is_some()));
    let amount = match high {
        Some(high) => format!("{low}-{}", with_thousands(high, thousands)),
        None => low,
    };
    let words = [currency.map(str::to_owned), Some(amount), period.map(|period| format!("per {period}"))];
    Some(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// The three letters of a currency. A dollar stays a dollar, for there are many.
fn code(sign: &str) -> &'static str {
    match sign.to_ascii_uppercase().as_str() {
        "$" => "$",
        "US$" | "USD" => "USD",
        "£" | "GBP" => "GBP",
        "¥" => "¥",
        "₹" | "INR" => "INR",
        "CHF" => "CHF",
        "SEK" => "SEK",
        "NOK" => "NOK",
        "DKK" => "DKK",
        "PLN" => "PLN",
        "CZK" => "CZK",
        "CAD" => "CAD",
        "AUD" => "AUD",
        "NZD" => "NZD",
        "JPY" => "JPY",
        "SGD" => "SGD",
        "ZAR" => "ZAR",
        _ => "EUR",
    }
}

fn period(words: &str) -> Option<&'static str> {
    let words = words.to_ascii_lowercase();
    let unit = words.trim_start_matches('/').split_whitespace().next_back()?;
    Some(match unit {
        "hour" | "hr" | "h" | "hourly" => "hour",
        "day" | "daily" => "day",
        "week" | "wk" | "weekly" => "week",
        "month" | "mo" | "monthly" => "month",
        _ => "year",
    })
}

/// Digits, and a point before cents.
fn plain(amount: &str) -> String {
    let cents = amount.rfind(['.', ',']).filter(|at| amount.len() - at <= 3);
    let (whole, cents) = amount.split_at(cents.unwrap_or(amount.len()));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    match digits(cents) {
        cents if cents.is_empty() => digits(whole),
        cents => format!("{}.{cents}", digits(whole)),
    }
}

fn with_thousands(amount: String, thousands: bool) -> String {
    match amount.split_once('.') {
        _ if !thousands => amount,
        None => format!("{amount}000"),
        Some((whole, cents)) => format!("{whole}{cents:0<3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pay_is_found_with_its_currency_and_period() {
        for (text, expected) in [
            ("We offer a salary of €78,000 per year.", "EUR 78000 per year"),
            ("Senior Engineer, €78k base, 0.15% options", "EUR 78000"),
            ("Pay: $41.75/hr, flights on us", "$ 41.75 per hour"),
            ("OTR driver, $1,700/wk", "$ 1700 per week"),
            ("We pay travel, housing and NOK 410 an hour.", "NOK 410 per hour"),
            ("Starting salary £28,000, rising on each stage", "GBP 28000"),
            ("a base of CHF 185'000, a performance-related element", "CHF 185000"),
            ("averages 1,950 EUR monthly", "EUR 1950 per month"),
            ("Salary: 31,206 per annum, pension 27 %", "31206 per year"),
            ("the salary is 55-60k EUR", "EUR 55000-60000"),
            ("salary £52.5k", "GBP 52500"),
            ("we'd like you as Transport Planner at £34k with a review", "GBP 34000"),
            ("$120,000 - $140,000 a year", "$ 120000-140000 per year"),
            ("Your pay is 4 200,50 EUR gross per month", "EUR 4200.50 per month"),
        ] {
            assert_eq!(find(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_money_and_other_numbers_are_no_salary() {
        for text in [
            "Amount due: 12.40 €. It'll be charged to the card.",
            "Imagine a launch with a budget of £6k a month",
            "a fee of £25 applies",
            "We offer a signing bonus of $5,000",
            "a training allowance 900 EUR per month",
            "The interview takes 45 minutes on 3 May 2026 at 10:30",
            "We raised $40,000,000",
            "We pay attention to 30 days of leave",
            "",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
