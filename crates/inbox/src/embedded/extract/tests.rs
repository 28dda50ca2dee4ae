//! Whole mails, and mails that nobody should have to read.

use super::*;

#[test]
fn an_offer_gives_up_everything_that_it_says() {
    let mail = Mail {
        subject: "Your offer: Senior Data Engineer".into(),
        snippet: "Dear Kim, we are pleased to offer you the position of Senior Data Engineer in our Lisbon office. \
                  The salary is EUR 72,000 per year, and you would start on 1 March 2027. Please sign at \
                  https://hooli.example/sign/42 until Friday, or write to pia.roth@hooli.example."
            .into(),
        sender: Some("Hooli Careers <no-reply@hooli.example>".into()),
    };
    assert_eq!(
        extract(&mail, Intent::Offer),
        Extracted {
            company: Some("Hooli".into()),
            role: Some("Senior Data Engineer".into()),
            location: Some("Lisbon".into()),
            salary: Some("EUR 72000 per year".into()),
            contact: Some("pia.roth@hooli.example".into()),
            dates: vec!["2027-03-01".into(), "Friday".into()],
            links: vec!["https://hooli.example/sign/42".into()],
        }
    );
}

#[test]
fn an_alert_with_many_jobs_names_no_one_of_them() {
    let mail = Mail {
        subject: "3 new jobs for you".into(),
        snippet: "Staff Engineer at Mapleforge, Prague, €90k. Nurse at Brindlecombe. See https://jobs.example/all"
            .into(),
        sender: Some("Linkboard <jobs-noreply@linkboard.example>".into()),
    };
    let found = extract(&mail, Intent::JobAlert);
    assert_eq!(found, Extracted { links: vec!["https://jobs.example/all".into()], ..Extracted::default() });
}

#[test]
fn an_empty_mail_says_nothing() {
    assert_eq!(extract(&Mail::default(), Intent::Offer), Extracted::default());
}

#[test]
fn what_is_found_keeps_to_its_bounds_whatever_the_mail() {
    for text in super::super::adversaries() {
        let mail = Mail { subject: text.clone(), snippet: text.clone(), sender: Some(text) };
        let found = extract(&mail, Intent::Offer);
        for field in [found.company, found.role, found.location, found.salary, found.contact].into_iter().flatten() {
            assert!(field.chars().count() <= LONGEST_CHARS, "{field}");
        }
        assert!(found.dates.len() <= MOST_ITEMS && found.links.len() <= MOST_ITEMS);
    }
}
