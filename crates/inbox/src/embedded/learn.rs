//! How weights are learned: the same mails give the same weights, to the last digit, on every machine.
//!
//! The loss is the mean of the mails' logarithmic losses plus half of [`DECAY`] times the squared weights: convex, so there is
//! one answer. It is found by Nesterov's accelerated gradient method with a constant step (Introductory Lectures on Convex
//! Optimization, 2.2.1, scheme III): no line search, no random order. Exponentials are libm's, not the platform's.

use std::collections::BTreeMap;

use super::data::{Labelled, training};
use super::terms::terms;
use super::weights::{PerIntent, Row, Weights, frequency, length, softmax};
use crate::intent::Intent;

/// In fewer mails, a term says more about the mail than about its intent.
const LEAST_MAILS: usize = 2;

/// What large weights cost. Among powers of ten, cross-validation over the training mails finds this most accurate.
pub(super) const DECAY: f64 = 1e-4;

/// What learned weights are multiplied by, so that confidence is what comes true (Guo et al., On Calibration of Modern Neural
/// Networks, 2017: temperature scaling). Which intent is likeliest doesn't change. Chosen by cross-validated log loss, with
/// which it is least; without it confidence is 0.3 too low.
const SHARPNESS: f64 = 2.5;

/// The slope at which no weight is more than a hundredth away from where it is going: this by [`DECAY`].
const FLAT_ENOUGH: f64 = 1e-6;

/// Some ten times what the training mails take; a bound, should the data ever make it slow.
const MOST_STEPS: usize = 5_000;

/// The built-in weights, learned anew from the training mails: the text of `data/weights.tsv`.
pub fn learned_weights() -> String {
    let mails = training();
    learn(&mails.iter().collect::<Vec<_>>(), DECAY)
}

/// Weights learned from `mails`, as text.
pub(super) fn learn(mails: &[&Labelled], decay: f64) -> String {
    let vocabulary = vocabulary(mails);
    let examples: Vec<Example> = mails.iter().map(|mail| Example::of(mail, &vocabulary)).collect();
    let mut weights = descend(&examples, vocabulary.len(), decay);
    for weight in weights.iter_mut().flatten() {
        *weight *= SHARPNESS;
    }
    let rows: Vec<(String, Row)> =
        vocabulary.into_iter().map(|(name, (place, idf))| (name, Row { idf, weights: weights[place] })).collect();
    Weights::to_tsv(weights.last().expect("every mail's own weights are always there"), &rows)
}

/// Terms in alphabetical order, each with its number and its inverse document frequency.
fn vocabulary(mails: &[&Labelled]) -> BTreeMap<String, (usize, f64)> {
    let mut mails_with: BTreeMap<String, usize> = BTreeMap::new();
    for mail in mails {
        let mut names: Vec<String> = terms(&mail.mail).into_iter().map(|term| term.name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            *mails_with.entry(name).or_default() += 1;
        }
    }
    mails_with
        .into_iter()
        .filter(|(_, with)| *with >= LEAST_MAILS)
        .enumerate()
        .map(|(place, (name, with))| {
            let idf = 1.0 + libm::log((1.0 + mails.len() as f64) / (1.0 + with as f64));
            // As the file has it, so that what is learned is what is used.
            (name, (place, (idf * 1e4).round() / 1e4))
        })
        .collect()
}

/// A mail as numbers.
struct Example {
    intent: usize,
    /// Known terms and what they count, length one; then the one that every mail has.
    terms: Vec<(usize, f64)>,
}

impl Example {
    fn of(mail: &Labelled, vocabulary: &BTreeMap<String, (usize, f64)>) -> Self {
        let mut times: BTreeMap<usize, (usize, f64)> = BTreeMap::new();
        for term in terms(&mail.mail) {
            if let Some((place, idf)) = vocabulary.get(&term.name) {
                times.entry(*place).or_insert((0, *idf)).0 += 1;
            }
        }
        let values: Vec<f64> = times.values().map(|(times, idf)| frequency(*times) * idf).collect();
        let length = length(&values);
        let mut terms: Vec<(usize, f64)> =
            times.keys().zip(values).map(|(place, value)| (*place, value / length)).collect();
        terms.push((vocabulary.len(), 1.0));
        let intent = Intent::ALL.iter().position(|one| *one == mail.intent).expect("all intents are among all");
        Self { intent, terms }
    }
}

/// Where the loss is least: weights for each of `terms` terms, then those that every mail begins with.
fn descend(examples: &[Example], terms: usize, decay: f64) -> Vec<PerIntent> {
    // Softmax bends by at most a half of a mail's squared length, which is two: one for its terms, one for every mail's own.
    let bend = 1.0 + decay;
    let momentum = (1.0 - (decay / bend).sqrt()) / (1.0 + (decay / bend).sqrt());
    let mut weights = vec![PerIntent::default(); terms + 1];
    let mut ahead = weights.clone();
    for _ in 0..MOST_STEPS {
        let slope = slope(examples, &ahead, decay);
        let mut steepest = 0.0_f64;
        for ((weights, ahead), slope) in weights.iter_mut().zip(&mut ahead).zip(&slope) {
            for ((weight, ahead), slope) in weights.iter_mut().zip(ahead).zip(slope) {
                let next = *ahead - slope / bend;
                *ahead = next + momentum * (next - *weight);
                *weight = next;
                steepest = steepest.max(slope.abs());
            }
        }
        if steepest < FLAT_ENOUGH {
            break;
        }
    }
    weights
}

/// How the loss changes with every weight.
fn slope(examples: &[Example], weights: &[PerIntent], decay: f64) -> Vec<PerIntent> {
    let mut slope: Vec<PerIntent> = weights.iter().map(|weights| weights.map(|weight| weight * decay)).collect();
    for example in examples {
        let mut scores = PerIntent::default();
        for (place, value) in &example.terms {
            for (score, weight) in scores.iter_mut().zip(&weights[*place]) {
                *score += weight * value;
            }
        }
        let mut error = softmax(&scores);
        error[example.intent] -= 1.0;
        let error = error.map(|error| error / examples.len() as f64);
        for (place, value) in &example.terms {
            for (slope, error) in slope[*place].iter_mut().zip(error) {
                *slope += error * value;
            }
        }
    }
    slope
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::classify::classify;
    use crate::mail::Mail;

    fn labelled(intent: Intent, snippet: &str) -> Labelled {
        Labelled { intent, mail: Mail { snippet: snippet.to_owned(), ..Mail::default() } }
    }

    #[test]
    fn what_two_intents_share_says_nothing_and_what_one_has_alone_decides() {
        let mails = [
            labelled(Intent::Offer, "we offer the job"),
            labelled(Intent::Offer, "we offer the role"),
            labelled(Intent::Rejection, "we regret the decision"),
            labelled(Intent::Rejection, "we regret the outcome"),
        ];
        let weights = Weights::from_tsv(&learn(&mails.iter().collect::<Vec<_>>(), DECAY)).unwrap();
        for (snippet, intent, reason) in
            [("We offer.", Intent::Offer, "offer"), ("I regret", Intent::Rejection, "regret")]
        {
            let answer = classify(&weights, &labelled(intent, snippet).mail);
            assert_eq!(answer.intent, intent);
            assert!(answer.confidence() > 0.9, "{answer:?}");
            assert_eq!(answer.reasons[0], reason);
        }
        let undecided = classify(&weights, &labelled(Intent::Offer, "we the").mail);
        let of = |intent: Intent| undecided.probabilities[Intent::ALL.iter().position(|one| *one == intent).unwrap()];
        assert!((of(Intent::Offer) - of(Intent::Rejection)).abs() < 0.01, "{undecided:?}");
    }

    #[test]
    fn the_slope_is_that_of_the_loss() {
        let examples = [
            Example { intent: 0, terms: vec![(0, 0.8), (1, 0.6), (2, 1.0)] },
            Example { intent: 3, terms: vec![(1, 1.0), (2, 1.0)] },
        ];
        let loss = |weights: &[PerIntent]| {
            let of_mails: f64 = examples
                .iter()
                .map(|example| {
                    let mut scores = PerIntent::default();
                    for (place, value) in &example.terms {
                        for (score, weight) in scores.iter_mut().zip(&weights[*place]) {
                            *score += weight * value;
                        }
                    }
                    -softmax(&scores)[example.intent].ln() / examples.len() as f64
                })
                .sum();
            of_mails + 0.5 * DECAY * weights.iter().flatten().map(|weight| weight * weight).sum::<f64>()
        };
        let mut weights = vec![PerIntent::default(); 3];
        for (n, weight) in weights.iter_mut().flatten().enumerate() {
            *weight = (n as f64).sin();
        }
        let slope = slope(&examples, &weights, DECAY);
        for place in 0..3 {
            for intent in 0..Intent::ALL.len() {
                const STEP: f64 = 1e-5;
                let (mut up, mut down) = (weights.clone(), weights.clone());
                up[place][intent] += STEP;
                down[place][intent] -= STEP;
                let measured = (loss(&up) - loss(&down)) / (2.0 * STEP);
                assert!((measured - slope[place][intent]).abs() < 1e-8, "{place} {intent}");
            }
        }
    }

    #[test]
    fn the_weights_in_the_repository_are_those_that_its_mails_give() {
        let learned = learned_weights();
        let kept = include_str!("../../data/weights.tsv");
        assert!(learned == kept, "data/weights.tsv is stale: run `cargo run -p inbox --example learn`");
    }
}
