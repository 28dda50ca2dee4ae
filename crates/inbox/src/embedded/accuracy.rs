//! How often the classifier is right, and whether its confidence means anything.

use std::fmt;

use super::classify::classify;
use super::data::{Labelled, held_out, training};
use super::learn::{DECAY, learn};
use super::weights::{PerIntent, Weights};
use crate::intent::Intent;

/// Mails are learned from in so many parts but one, and the one is answered.
const FOLDS: usize = 10;

/// Confidence is compared with what came true in steps of a tenth.
const STEPS: usize = 10;

/// What the classifier made of mails whose intent is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Accuracy {
    /// Which mails, in words.
    pub mails: &'static str,
    answers: Vec<Answer>,
}

/// One mail's.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    subject: String,
    expected: Intent,
    given: Intent,
    probabilities: PerIntent,
}

/// A mail that was sorted wrongly.
#[derive(Debug, Clone, PartialEq)]
pub struct Miss<'a> {
    /// Its subject.
    pub subject: &'a str,
    /// What it wants.
    pub expected: &'static str,
    /// What the classifier said.
    pub given: &'static str,
    /// How sure it was, 0 to 1.
    pub confidence: f64,
}

/// The answers of about the same confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confidence {
    /// The lowest confidence of the step; the highest is a tenth above.
    pub from: f64,
    /// How many answers.
    pub answers: usize,
    /// Their mean confidence.
    pub said: f64,
    /// The share of them that was right.
    pub came_true: f64,
}

/// The built-in classifier on the mails that it has never seen.
pub fn accuracy() -> Accuracy {
    let weights = Weights::built_in();
    Accuracy::of("held out", held_out().iter().map(|mail| (mail, weights)))
}

/// The same way of learning on the training mails: every mail is answered by weights that were learned without it.
pub fn cross_validated_accuracy() -> Accuracy {
    cross_validate(DECAY)
}

pub(super) fn cross_validate(decay: f64) -> Accuracy {
    let mails = training();
    let folds = folds(&mails);
    let weights: Vec<Weights> = (0..FOLDS)
        .map(|fold| {
            let others: Vec<&Labelled> =
                mails.iter().zip(&folds).filter(|(_, of)| **of != fold).map(|(mail, _)| mail).collect();
            Weights::from_tsv(&learn(&others, decay)).expect("what was learned can be read")
        })
        .collect();
    Accuracy::of("cross-validated", mails.iter().zip(&folds).map(|(mail, fold)| (mail, &weights[*fold])))
}

/// The part of each mail: every intent's are dealt out in turn.
fn folds(mails: &[Labelled]) -> Vec<usize> {
    let mut dealt = std::collections::HashMap::new();
    mails
        .iter()
        .map(|mail| {
            let next: &mut usize = dealt.entry(mail.intent).or_default();
            *next += 1;
            (*next - 1) % FOLDS
        })
        .collect()
}

impl Accuracy {
    fn of<'a>(mails: &'static str, asked: impl Iterator<Item = (&'a Labelled, &'a Weights)>) -> Self {
        let answers = asked
            .map(|(mail, weights)| {
                let answer = classify(weights, &mail.mail);
                Answer {
                    subject: mail.mail.subject.clone(),
                    expected: mail.intent,
                    given: answer.intent,
                    probabilities: answer.probabilities,
                }
            })
            .collect();
        Self { mails, answers }
    }

    /// How many mails were asked about.
    pub fn asked(&self) -> usize {
        self.answers.len()
    }

    /// How many answers were right.
    pub fn right(&self) -> usize {
        self.answers.iter().filter(|answer| answer.right()).count()
    }

    /// The share of right answers, 0 to 1.
    pub fn share(&self) -> f64 {
        self.right() as f64 / self.asked().max(1) as f64
    }

    /// The words that stand for the intents, in the order of the confusion matrix.
    pub fn intents() -> [&'static str; Intent::ALL.len()] {
        Intent::ALL.map(Intent::word)
    }

    /// A row for each expected intent, a column for each given one: how many mails.
    pub fn confusion(&self) -> [[usize; Intent::ALL.len()]; Intent::ALL.len()] {
        Intent::ALL.map(|expected| {
            Intent::ALL
                .map(|given| self.answers.iter().filter(|one| one.expected == expected && one.given == given).count())
        })
    }

    /// The wrong answers, the surest first.
    pub fn misses(&self) -> Vec<Miss<'_>> {
        let mut misses: Vec<Miss<'_>> = self
            .answers
            .iter()
            .filter(|answer| !answer.right())
            .map(|answer| Miss {
                subject: &answer.subject,
                expected: answer.expected.word(),
                given: answer.given.word(),
                confidence: answer.confidence(),
            })
            .collect();
        misses.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        misses
    }

    /// Confidence against what came true, in steps that have answers.
    pub fn reliability(&self) -> Vec<Confidence> {
        let step = |answer: &Answer| ((answer.confidence() * STEPS as f64) as usize).min(STEPS - 1);
        (0..STEPS)
            .filter_map(|wanted| {
                let these: Vec<&Answer> = self.answers.iter().filter(|answer| step(answer) == wanted).collect();
                let answers = these.len();
                (answers > 0).then(|| Confidence {
                    from: wanted as f64 / STEPS as f64,
                    answers,
                    said: these.iter().map(|answer| answer.confidence()).sum::<f64>() / answers as f64,
                    came_true: these.iter().filter(|answer| answer.right()).count() as f64 / answers as f64,
                })
            })
            .collect()
    }

    /// Expected calibration error: how far confidence is from what came true, on average over the answers.
    pub fn calibration_error(&self) -> f64 {
        let apart: f64 =
            self.reliability().iter().map(|step| (step.said - step.came_true).abs() * step.answers as f64).sum();
        apart / self.asked().max(1) as f64
    }

    /// The mean of minus the logarithm of the probability given to what was right: 0 is best, 2.08 says nothing.
    pub fn log_loss(&self) -> f64 {
        let lost: f64 = self
            .answers
            .iter()
            .map(|answer| {
                let place = Intent::ALL.iter().position(|intent| *intent == answer.expected);
                -place.map_or(0.0, |place| answer.probabilities[place]).max(f64::MIN_POSITIVE).ln()
            })
            .sum();
        lost / self.asked().max(1) as f64
    }
}

impl Answer {
    fn right(&self) -> bool {
        self.expected == self.given
    }

    fn confidence(&self) -> f64 {
        self.probabilities.iter().copied().fold(0.0, f64::max)
    }
}

impl fmt::Display for Accuracy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} mails right ({:.1} %), {}; calibration error {:.3}, log loss {:.3}",
            self.right(),
            self.asked(),
            self.share() * 100.0,
            self.mails,
            self.calibration_error(),
            self.log_loss(),
        )?;
        writeln!(f, "\nexpected \\ given      {}", short_heads())?;
        for (expected, row) in Self::intents().iter().zip(self.confusion()) {
            write!(f, "{expected:<21}")?;
            for mails in row {
                match mails {
                    0 => write!(f, "    .")?,
                    mails => write!(f, "{mails:>5}")?,
                }
            }
            writeln!(f)?;
        }
        writeln!(f, "\nconfidence   answers   said   came true")?;
        for step in self.reliability() {
            let to = step.from + 1.0 / STEPS as f64;
            writeln!(
                f,
                "{:.1} - {to:.1}    {:>7}   {:.2}        {:.2}",
                step.from, step.answers, step.said, step.came_true
            )?;
        }
        Ok(())
    }
}

/// The intents' first letters, as heads of narrow columns.
fn short_heads() -> String {
    Accuracy::intents().map(|intent| format!("{:>5}", intent.chars().take(4).collect::<String>())).concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Mail;

    fn answer(expected: Intent, given: Intent, confidence: f64) -> Answer {
        let rest = (1.0 - confidence) / (Intent::ALL.len() - 1) as f64;
        let probabilities = Intent::ALL.map(|intent| if intent == given { confidence } else { rest });
        Answer { subject: "Hello".to_owned(), expected, given, probabilities }
    }

    fn three_of_four() -> Accuracy {
        let answers = vec![
            answer(Intent::Offer, Intent::Offer, 0.95),
            answer(Intent::Offer, Intent::Offer, 0.65),
            answer(Intent::Rejection, Intent::Offer, 0.65),
            answer(Intent::Other, Intent::Other, 1.0),
        ];
        Accuracy { mails: "made up", answers }
    }

    #[test]
    fn on_mails_never_seen_it_is_as_good_as_the_readme_says() {
        let measured = accuracy();
        assert_eq!(measured.asked(), 240);
        assert!(measured.right() >= 192, "{measured}");
        assert!(measured.calibration_error() < 0.07, "{measured}");
        let readme = include_str!("../../data/README.md");
        assert!(readme.contains(&measured.to_string()), "data/README.md should say:\n{measured}");
    }

    #[test]
    fn what_was_measured_is_counted_by_expected_and_given_intent() {
        let measured = three_of_four();
        assert_eq!((measured.asked(), measured.right(), measured.share()), (4, 3, 0.75));
        let confusion = measured.confusion();
        let place = |intent| Intent::ALL.iter().position(|one| *one == intent).unwrap();
        assert_eq!(confusion[place(Intent::Offer)][place(Intent::Offer)], 2);
        assert_eq!(confusion[place(Intent::Rejection)][place(Intent::Offer)], 1);
        assert_eq!(confusion.iter().flatten().sum::<usize>(), 4);
        let miss = Miss { subject: "Hello", expected: "rejection", given: "offer", confidence: 0.65 };
        assert_eq!(measured.misses(), [miss]);
    }

    #[test]
    fn calibration_compares_what_was_said_with_what_came_true() {
        let measured = three_of_four();
        let steps = measured.reliability();
        assert_eq!(steps.iter().map(|step| step.answers).collect::<Vec<_>>(), [2, 2]);
        assert!((steps[0].said - 0.65).abs() < 1e-12 && (steps[0].came_true - 0.5).abs() < 1e-12);
        // Half of the answers are 0.15 off, the other half 0.025.
        assert!((measured.calibration_error() - 0.0875).abs() < 1e-12);
        let expected = -(0.95_f64.ln() + 0.65_f64.ln() + (0.35_f64 / 7.0).ln()) / 4.0;
        assert!((measured.log_loss() - expected).abs() < 1e-12);
    }

    #[test]
    fn nothing_measured_is_no_accuracy_rather_than_a_panic() {
        let nothing = Accuracy { mails: "none", answers: Vec::new() };
        assert_eq!((nothing.share(), nothing.calibration_error(), nothing.log_loss()), (0.0, 0.0, 0.0));
        assert!(nothing.to_string().starts_with("0 of 0 mails right"));
    }

    #[test]
    fn every_part_of_cross_validation_has_its_share_of_every_intent() {
        let mails = Intent::ALL.map(|intent| {
            let mail = Labelled { intent, mail: Mail::default() };
            vec![mail; 2 * FOLDS]
        });
        let mails = mails.concat();
        let folds = folds(&mails);
        for fold in 0..FOLDS {
            for intent in Intent::ALL {
                let share = mails.iter().zip(&folds).filter(|(mail, of)| mail.intent == intent && **of == fold).count();
                assert_eq!(share, 2, "{intent} in {fold}");
            }
        }
    }
}
