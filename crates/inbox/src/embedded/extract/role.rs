//! The job: what stands after "position of", "applied for" or the like, or before "role"; else what ends in an occupation.

use std::sync::LazyLock;

use regex::Regex;

use super::names::{WORD, could_be_one, name};
use super::{compiled, tidy};

/// What jobs end in. Not complete, and need not be: a job that a mail announces is found without.
const OCCUPATIONS: &str = "Accountant|Administrator|Advisor|Adviser|Agent|Analyst|Architect|Assistant|Associate|Barista|Bookkeeper|Buyer|Carer|Cashier|Chef|Clerk|Coach|Conservator|Consultant|Controller|Cook|Coordinator|Copywriter|Counsel|Designer|Developer|Director|Driver|Editor|Electrician|Engineer|Executive|Geologist|Guard|Head Chef|Instructor|Intern|Journalist|Lawyer|Lecturer|Librarian|Machinist|Manager|Mechanic|Midwife|Nurse|Officer|Operator|Paralegal|Pharmacist|Photographer|Physiotherapist|Pilot|Planner|Plumber|Producer|Professor|Programmer|Receptionist|Recruiter|Representative|Researcher|Scientist|Secretary|Specialist|Supervisor|Surveyor|Teacher|Technician|Tester|Therapist|Trainee|Trainer|Translator|Treasurer|Tutor|Waiter|Waitress|Warehouse Operative|Welder|Writer";

/// Ways to say it, the surest first. The job is in the group `role`.
static WAYS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let name = name();
    let job = r"(?:position|role|post|job|vacancy|opening|mandate)";
    [
        format!(r"(?:Position|Role|Job\ title|Vacancy|Post):\ (?P<role>{name})"),
        format!(r"\b(?i:(?:the|our|a|this)\ {job}(?:\ (?:of|as|for))(?:\ an?|\ the|\ our)?)\ (?P<role>{name})"),
        format!(
            r"\b(?i:appl(?:y|ying|ied|ication)(?:\ (?:as|for|to))(?:\ the|\ our|\ an?)?(?:\ {job})?(?:\ (?:of|as))?(?:\ an?|\ the)?)\ (?P<role>{name}(?:\ (?:{OCCUPATIONS}))?)\b(?:,|\.|;|!|\ (?i:{job}|with|at|in)\b|\s*$|\ \(|\ –|\ -)"
        ),
        format!(r"\b(?i:offer\ you(?:\ the)?(?:\ (?:position|role|post|job))?(?:\ (?:of|as))?(?:\ an?|\ the|\ our)?)\ (?P<role>{name})"),
        format!(r"\b(?i:our|the|this|your|an?|for)\ (?P<role>{name})\ (?i:{job})\b"),
        format!(r"\b(?P<role>(?:{WORD}\ (?:of\ |and\ |&\ )?){{0,4}}(?:{OCCUPATIONS})(?:\ of\ {WORD})?)\b"),
    ]
    .iter()
    .map(|way| compiled(&format!("(?xm){way}")))
    .collect()
});

/// Words before a job that aren't part of it, and are none alone.
const BEFORE: [&str; 18] = [
    "Band",
    "Grade",
    "Level",
    "Tier",
    "The",
    "Our",
    "Your",
    "New",
    "Re",
    "Dear",
    "Offer",
    "Job",
    "Position",
    "Role",
    "Interview",
    "Application",
    "For",
    "As",
];

/// The job that `subject` or `snippet` names.
pub(super) fn find(subject: &str, snippet: &str) -> Option<String> {
    WAYS.iter().find_map(|way| [subject, snippet].into_iter().find_map(|text| first(way, text)))
}

fn first(way: &Regex, text: &str) -> Option<String> {
    way.captures_iter(text).find_map(|found| {
        let mut role = found.name("role")?.as_str();
        while let Some((word, rest)) = role.split_once(' ')
            && (BEFORE.contains(&word) || word.contains(|c: char| c.is_ascii_digit()))
        {
            role = rest;
        }
        tidy(role).filter(|role| could_be_one(role) && !BEFORE.contains(&role.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_job_is_found_where_the_mail_announces_it() {
        for (subject, snippet, expected) in [
            ("Hello", "You applied for the position of Senior Data Engineer at Hooli.", "Senior Data Engineer"),
            ("Your application for Cabin Crew – base Larnaca", "Welcome aboard", "Cabin Crew"),
            ("News", "Position: Kiln Technician. The employer has not yet opened it.", "Kiln Technician"),
            ("News", "We would like to offer you the role of Head of Design.", "Head of Design"),
            ("News", "Thank you for your interest in our Product Manager role.", "Product Manager"),
            ("Audit Trainee – your offer", "Well done!", "Audit Trainee"),
            ("Hi", "every candidate for Teacher of Chemistry submits a plan", "Teacher of Chemistry"),
            ("Vacancy 24/FIN/09 Credit Controller", "Hi", "Credit Controller"),
            ("Interview: Staff Software Engineer, Platform", "Hi", "Staff Software Engineer"),
        ] {
            assert_eq!(find(subject, snippet).as_deref(), Some(expected), "{subject} {snippet}");
        }
    }

    #[test]
    fn no_job_is_made_up() {
        for (subject, snippet) in [
            ("Your parcel", "It arrives today between 12:05 and 14:05."),
            ("Hello", "We have received your application and will be in touch on Monday."),
            ("the job", "job's yours if you want it. benny"),
            ("Promotion", "They would like to offer you the Band 4 post."),
            ("", ""),
        ] {
            assert_eq!(find(subject, snippet), None, "{subject} {snippet}");
        }
    }
}
