//! Who hires: the name after "your application to", "interview with", "join" or the like; else the sender's.

use std::sync::LazyLock;

use regex::Regex;

use super::names::{could_be_one, name};
use super::{compiled, tidy};

/// Ways to say it in the text, the surest first. The company is in the group `company`.
static WAYS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let name = name();
    [
        format!(r"\b(?i:application\ (?:to|with)|applying\ (?:to|with|at)|applied\ (?:to|with|at)|applied\ for\ a\ (?:job|role|position)\ (?:at|with))\ (?P<company>{name})"),
        format!(r"\b(?i:application\ was\ sent\ to)\ (?P<company>{name})"),
        format!(r"\b(?i:on\ behalf\ of|your\ interest\ in\ (?:working\ (?:at|for|with)|joining)|welcome\ to|join|joining|working\ (?:at|for))\ (?P<company>{name})"),
        format!(r"\b(?i:(?:position|role|post|job|interview|interviews|career|careers|conversation|team|offer)\ (?:at|with|from))\ (?P<company>{name})"),
        format!(r"\b\p{{Lu}}\p{{L}}+(?:\ \p{{Lu}}\p{{L}}+){{0,3}}\ at\ (?P<company>{name})"),
        format!(r"\b(?i:here|us|we|all)\ at\ (?P<company>{name})"),
    ]
    .iter()
    .map(|way| compiled(&format!("(?x){way}")))
    .collect()
});

/// `Runa @ Halyard`, `Bex at Honeywick`, `Pia from Hooli`, `Pia | Hooli`.
static SOMEBODY_AT: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?i)^.{1,60}?(?: at | from |\s?@\s?|\s?\|\s?)(?P<company>.+)$"));

/// What senders put behind their company's name, and before it.
static OFFICE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)(?:^|[\s,–-]+)(?:hr|people|talent|team|the team|recruiting|recruitment|recruiter|careers?|early careers|jobs?|hiring|hiring team|talent acquisition|human resources|personnel|internships?|applications?|onboarding|notifications?|no-?reply|staffing|office|people ops|people team|acquisition)$|^(?:the|team)\s+",
    )
});

/// Shorter names say too little to be held against others.
const LEAST_LETTERS: usize = 3;

/// Names of the network that are not a company's: anybody's mail, and the machines that send applicants' mail.
const NOBODYS: [&str; 16] = [
    "example",
    "gmail",
    "googlemail",
    "outlook",
    "hotmail",
    "yahoo",
    "icloud",
    "gmx",
    "proton",
    "mail",
    "post",
    "inbox",
    "lists",
    "smtp",
    "mailer",
    "git",
];

/// The company that `text` names, or whose `sender` it is.
pub(super) fn find(text: &str, sender: Option<&str>) -> Option<String> {
    let named = WAYS.iter().find_map(|way| {
        way.captures_iter(text).filter_map(|found| found.name("company")).find_map(|company| one(company.as_str()))
    });
    named.or_else(|| sender.and_then(of_sender))
}

/// `name` without what belongs to the sentence, if it could be a company's.
fn one(name: &str) -> Option<String> {
    let name = tidy(name)?;
    let name = name.strip_suffix("'s").or(name.strip_suffix("’s")).unwrap_or(&name);
    could_be_one(name).then(|| name.to_owned())
}

fn of_sender(sender: &str) -> Option<String> {
    let (display, address) = match sender.rsplit_once('<') {
        Some((display, address)) => (display.trim().trim_matches('"'), address.trim_end_matches('>')),
        None => ("", sender),
    };
    let host = address.rsplit_once('@').map(|(_, host)| host.trim());
    let own = host.and_then(own_part);
    of_display(display, own).or_else(|| own.and_then(as_words))
}

/// The company in a sender's shown name: after `at`, or where its first word begins its own name of the network. Others are
/// names of people and departments.
fn of_display(display: &str, own: Option<&str>) -> Option<String> {
    if let Some(found) = SOMEBODY_AT.captures(display) {
        return found.name("company").and_then(|company| one(&without_office(company.as_str())));
    }
    let company = without_office(display);
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let first = letters(company.split([' ', '-']).next()?);
    let is_its_own = first.len() >= LEAST_LETTERS && own.is_some_and(|own| letters(own).starts_with(&first));
    is_its_own.then(|| one(&company)).flatten()
}

fn without_office(name: &str) -> String {
    let mut name = name.trim().to_owned();
    loop {
        let shorter = OFFICE.replace(&name, "").trim().to_owned();
        if shorter.len() == name.len() {
            return name;
        }
        name = shorter;
    }
}

/// The company's own part of `host`: the last before the public ending, `hooli` of `mail.hooli.example`.
fn own_part(host: &str) -> Option<&str> {
    let mut parts: Vec<&str> = host.split('.').collect();
    parts.pop()?;
    // `hooli.example.com`: what documentation uses in place of a name of one's own.
    if parts.last().is_some_and(|part| *part == "example") {
        parts.pop();
    }
    parts.pop().filter(|own| own.len() >= LEAST_LETTERS && !NOBODYS.contains(own))
}

/// `kestrel-works` as `Kestrel Works`.
fn as_words(own: &str) -> Option<String> {
    let words = own.split('-').filter(|word| !word.is_empty()).map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    tidy(&words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_comes_before_the_sender() {
        for (text, expected) in [
            ("Your application to Tessellate", "Tessellate"),
            ("your application was sent to Ferrant Ceramics on 2 June", "Ferrant Ceramics"),
            ("we invite you to an interview with Curio Museums next week", "Curio Museums"),
            ("Thanks for your interest in joining Hooli!", "Hooli"),
            ("Come and join Wren & Ivo.", "Wren & Ivo"),
            ("the role of Data Engineer at Nordhavn Robotics is filled", "Nordhavn Robotics"),
            ("all of us at Peatbog's office", "Peatbog"),
        ] {
            assert_eq!(find(text, Some("HR <hr@other.example>")).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_sender_may_name_the_company() {
        for (sender, expected) in [
            ("Bex at Honeywick <bex@honeywick.example>", Some("Honeywick")),
            ("Runa @ Halyard <runa@halyard-apps.example>", Some("Halyard")),
            ("Nordhavn Robotics <jobs@mail.nordhavn-robotics.example>", Some("Nordhavn Robotics")),
            ("Aerolide Recruitment <noreply@aerolide.example>", Some("Aerolide")),
            ("Orchard Talent Team <t@orchard.example.com>", Some("Orchard")),
            ("Grantham Ledger Group <earlycareers@granthamledger.example>", Some("Grantham Ledger Group")),
            ("Wren & Ivo <studio@wrenandivo.example>", Some("Wren & Ivo")),
            ("Campus Team <campus@oberlyn-energy.example>", Some("Oberlyn Energy")),
            ("Head of Eng <aurelie@halcyondb.example>", Some("Halcyondb")),
            ("Priscilla Wynn <p.wynn@orrerycapital.example>", Some("Orrerycapital")),
            ("HR <hr@stahlrath.example>", Some("Stahlrath")),
            ("talent@kestrel-works.example", Some("Kestrel Works")),
            ("Mira <mira.k@mail.example.com>", None),
            ("someone@example.com", None),
            ("no address", None),
            ("", None),
        ] {
            assert_eq!(find("Thank you.", Some(sender)).as_deref(), expected, "{sender}");
        }
    }

    #[test]
    fn a_day_or_a_beginning_of_a_sentence_is_no_company() {
        for text in ["the interview with You", "team at Monday", "We talk at Tuesday four", "here at The", "join Zoom"]
        {
            assert_eq!(find(text, None), None, "{text}");
        }
    }
}
