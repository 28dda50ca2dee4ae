//! What gives a secret away by its look alone: numbers of cards, and users with passwords in URLs.

/// How many digits cards have.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Whether digits of a card's length, together or in groups, stand in `text` and pass the check of Luhn (ISO/IEC 7812-1).
pub(super) fn has_card_number(text: &str) -> bool {
    let together = text.split(|c: char| !c.is_ascii_digit());
    let grouped = text.split(|c: char| !(c.is_ascii_digit() || c == ' ' || c == '-'));
    together.chain(grouped).any(is_card_number)
}

fn is_card_number(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let weighted = |(position, digit): (usize, &u32)| if position % 2 == 1 { doubled(*digit) } else { *digit };
    CARD_DIGITS.contains(&digits.len())
        && digits.iter().any(|digit| *digit > 0)
        && digits.iter().rev().enumerate().map(weighted).sum::<u32>().is_multiple_of(10)
}

/// Whether there is a URL with a user in `text`, such as `://user:pass@`.
pub(super) fn has_credentials(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(|c: char| c.is_whitespace() || "/?#\"'<>".contains(c)).next().unwrap_or_default();
        authority.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_cards_pass_the_check() {
        for right in
            ["4111111111111111", "5500-0000-0000-0004", "x378282246310005y", "6304 0000 0000 0000 00 0 4222222222222"]
        {
            assert!(has_card_number(right), "{right}");
        }
        for wrong in ["", "4111111111111112", "411111111111", "0000000000000000", "41111111111111110000"] {
            assert!(!has_card_number(wrong), "{wrong}");
        }
    }
}
