//! The mails that the classifier learns from, and those that it is measured with.

use serde::Deserialize;

use crate::intent::Intent;
use crate::mail::Mail;

/// A mail and what it wants, as a person has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Labelled {
    pub(super) intent: Intent,
    pub(super) mail: Mail,
}

/// What weights come from.
pub(super) fn training() -> Vec<Labelled> {
    read(include_str!("../../data/training.jsonl"))
}

/// Never looked at while learning, nor while choosing how to learn.
pub(super) fn held_out() -> Vec<Labelled> {
    read(include_str!("../../data/held_out.jsonl"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    intent: Intent,
    subject: String,
    snippet: String,
    sender: Option<String>,
}

fn read(text: &str) -> Vec<Labelled> {
    text.lines()
        .map(|line| {
            let Line { intent, subject, snippet, sender } =
                serde_json::from_str(line).expect("files of this crate are read by its tests");
            Labelled { intent, mail: Mail { subject, snippet, sender } }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use regex::Regex;

    use super::*;
    use crate::tokens;

    /// A mail's text, all of it.
    fn text(mail: &Labelled) -> String {
        let Mail { subject, snippet, sender } = &mail.mail;
        format!("{subject}\n{snippet}\n{}", sender.as_deref().unwrap_or_default())
    }

    /// Both sets' mails, with the name of their set.
    fn all() -> Vec<(&'static str, Labelled)> {
        let named = |name, mails: Vec<Labelled>| mails.into_iter().map(move |mail| (name, mail));
        named("training", training()).chain(named("held out", held_out())).collect()
    }

    #[test]
    fn every_intent_has_about_as_many_mails_as_the_others() {
        for (name, mails) in [("training", training()), ("held out", held_out())] {
            let mut of: BTreeMap<Intent, usize> = BTreeMap::new();
            for mail in &mails {
                *of.entry(mail.intent).or_default() += 1;
            }
            let (least, most) = (of.values().min().unwrap(), of.values().max().unwrap());
            assert_eq!(of.len(), Intent::ALL.len(), "{name}");
            // What mails may want is eight things, what else they may be is everything: of those there are more.
            assert!(*least >= 25 && most * 2 <= least * 3, "{name}: {of:?}");
        }
    }

    #[test]
    fn mails_have_the_lengths_of_mails_and_no_characters_that_nobody_sees() {
        for (name, mail) in all() {
            let Mail { subject, snippet, sender } = &mail.mail;
            assert!((1..=200).contains(&subject.chars().count()), "{name}: {subject}");
            assert!((20..=1_000).contains(&snippet.chars().count()), "{name}: {subject}");
            assert!(
                sender.as_ref().is_none_or(|sender| (3..=120).contains(&sender.chars().count())),
                "{name}: {subject}"
            );
            assert!(tokens::count(&text(&mail)) <= 300, "{name}: {subject}");
            let is_seen = |c: char| c == '\n' || !(c.is_control() || ('\u{200b}'..='\u{200f}').contains(&c));
            assert!(text(&mail).chars().all(is_seen), "{name}: {subject}");
        }
    }

    #[test]
    fn addresses_and_links_are_of_names_that_nobody_can_own() {
        let host = Regex::new(r"(?i)(?:@|://|\bwww\.)([a-z0-9.-]+[a-z0-9])").unwrap();
        let nobodys = Regex::new(r"(?i)(?:^|\.)(?:example\.(?:com|org|net)|example)$").unwrap();
        for (name, mail) in all() {
            for found in host.captures_iter(&text(&mail)) {
                // "@lmarsh" is a nickname.
                let is_owned = found[1].contains('.') && !nobodys.is_match(&found[1]);
                assert!(!is_owned, "{name}: {}: {}", mail.mail.subject, &found[1]);
            }
        }
    }

    #[test]
    fn no_mail_is_there_twice_nor_in_other_words_only() {
        /// The share of words that two mails have in common. Mails of one kind, by one author, stay below it.
        const TOO_ALIKE: f64 = 0.6;
        let mails = all();
        let words: Vec<BTreeSet<String>> = mails
            .iter()
            .map(|(_, mail)| {
                let Mail { subject, snippet, .. } = &mail.mail;
                format!("{subject} {snippet}")
                    .to_lowercase()
                    .split(|c: char| !c.is_alphanumeric())
                    .map(str::to_owned)
                    .collect()
            })
            .collect();
        for (place, one) in words.iter().enumerate() {
            for (other_place, other) in words.iter().enumerate().skip(place + 1) {
                let may_be_alike = one.len().min(other.len()) as f64 >= TOO_ALIKE * one.len().max(other.len()) as f64;
                if !may_be_alike {
                    continue;
                }
                let common = one.intersection(other).count();
                let alike = common as f64 / (one.len() + other.len() - common) as f64;
                let subjects = (&mails[place].1.mail.subject, &mails[other_place].1.mail.subject);
                assert!(
                    alike < TOO_ALIKE,
                    "{alike:.2}: {subjects:?} of {} and {}",
                    mails[place].0,
                    mails[other_place].0
                );
            }
        }
    }

    #[test]
    fn the_traffic_generators_mails_are_five_of_each_intent_of_the_training_mails() {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Sample {
            subject: String,
            snippet: String,
            sender: Option<String>,
        }
        let samples: Vec<Sample> =
            serde_json::from_str(include_str!("../../../scenario/journeys/inbox_mails.json")).unwrap();
        let mut of: BTreeMap<Intent, usize> = BTreeMap::new();
        let known = training();
        for Sample { subject, snippet, sender } in samples {
            let mail = Mail { subject, snippet, sender };
            let labelled = known.iter().find(|labelled| labelled.mail == mail);
            let labelled = labelled.unwrap_or_else(|| panic!("{:?} is no training mail", mail.subject));
            // With some hundred tokens of instructions and fifty of answer, a usual request.
            let tokens = tokens::count(&text(labelled));
            assert!((30..=130).contains(&tokens), "{}: {tokens} tokens", mail.subject);
            *of.entry(labelled.intent).or_default() += 1;
        }
        assert_eq!(of, Intent::ALL.map(|intent| (intent, 5)).into_iter().collect());
    }
}
