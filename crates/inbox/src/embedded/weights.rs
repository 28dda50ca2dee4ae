//! What was learned: a weight for every term and intent, and how they make a mail's probabilities.
//!
//! Multinomial logistic regression over TF-IDF: a mail is a vector of length one of its known terms, an intent's score is the
//! weighted sum, and the scores' softmax is the probability of each. How weights are learned is in `learn.rs`.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

use super::terms::Term;
use crate::intent::Intent;

/// One number for each intent, in the order of [`Intent::ALL`].
pub(super) type PerIntent = [f64; Intent::ALL.len()];

/// All weights.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    bias: PerIntent,
    terms: HashMap<String, Row>,
}

/// A term's.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Inverse document frequency: what a rare term counts more than a common one.
    pub(super) idf: f64,
    pub(super) weights: PerIntent,
}

/// How a term spoke.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Voice<'m> {
    /// How the mail has it, where it stands first.
    pub(super) text: &'m str,
    /// What it added to every intent's score.
    pub(super) adds: PerIntent,
}

impl Weights {
    /// Those that the program comes with; `cargo run -p inbox --example learn` makes them anew.
    pub(super) fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Weights> = LazyLock::new(|| {
            Weights::from_tsv(include_str!("../../data/weights.tsv")).expect("a test reads this very text")
        });
        &BUILT_IN
    }

    /// Weights as [`Self::to_tsv`] writes them; none if it is not that.
    pub(super) fn from_tsv(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let heads = lines.next()?.split('\t').skip(2);
        if !heads.eq(Intent::ALL.iter().map(|intent| intent.word())) {
            return None;
        }
        let mut rows = lines.map(row);
        let (_, Row { weights: bias, .. }) = rows.next()??;
        Some(Self { bias, terms: rows.collect::<Option<_>>()? })
    }

    /// A line for each term in the order given, after one for what every mail begins with.
    pub(super) fn to_tsv(bias: &PerIntent, rows: &[(String, Row)]) -> String {
        let mut text = "term\tidf".to_owned();
        for intent in Intent::ALL {
            text.push('\t');
            text.push_str(intent.word());
        }
        let every_mail = Row { idf: 1.0, weights: *bias };
        for (name, row) in
            std::iter::once(("(every mail)", &every_mail)).chain(rows.iter().map(|(name, row)| (name.as_str(), row)))
        {
            write!(text, "\n{name}\t{:.4}", row.idf).expect("a string takes everything");
            for weight in row.weights {
                // Adding zero makes a negative zero a plain one.
                write!(text, "\t{:.2}", weight + 0.0).expect("a string takes everything");
            }
        }
        text.push('\n');
        text
    }

    /// What speaks for what in a mail of these terms: known ones only, in the order of their names.
    pub(super) fn voices<'m>(&self, terms: &[Term<'m>]) -> Vec<Voice<'m>> {
        let mut known: Vec<(&str, &Row, &'m str)> = terms
            .iter()
            .filter_map(|term| self.terms.get_key_value(&term.name).map(|(name, row)| (name.as_str(), row, term.text)))
            .collect();
        // Stable: of a term's places the first stays first.
        known.sort_by_key(|(name, ..)| *name);
        let repeated = known.chunk_by(|(a, ..), (b, ..)| a == b);
        let mut voices = Vec::new();
        let mut values = Vec::new();
        for places in repeated {
            let (_, row, text) = places[0];
            values.push(frequency(places.len()) * row.idf);
            voices.push(Voice { text, adds: row.weights });
        }
        let length = length(&values);
        for (voice, value) in voices.iter_mut().zip(values) {
            voice.adds = voice.adds.map(|weight| weight * value / length);
        }
        voices
    }

    /// The probability of each intent.
    pub(super) fn probabilities(&self, voices: &[Voice<'_>]) -> PerIntent {
        let mut scores = self.bias;
        for voice in voices {
            for (score, add) in scores.iter_mut().zip(voice.adds) {
                *score += add;
            }
        }
        softmax(&scores)
    }
}

/// What a term counts that occurs `times` times: every further time less.
pub(super) fn frequency(times: usize) -> f64 {
    1.0 + libm::log(times as f64)
}

/// A vector's; that of an empty one is not zero, so that it may be divided by.
pub(super) fn length(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt().max(f64::MIN_POSITIVE)
}

/// Scores as probabilities.
pub(super) fn softmax(scores: &PerIntent) -> PerIntent {
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raised = scores.map(|score| libm::exp(score - highest));
    let sum: f64 = raised.iter().sum();
    raised.map(|one| one / sum)
}

fn row(line: &str) -> Option<(String, Row)> {
    let mut cells = line.split('\t');
    let name = cells.next()?.to_owned();
    let mut number = || cells.next()?.parse::<f64>().ok();
    let idf = number()?;
    let mut weights = PerIntent::default();
    for weight in &mut weights {
        *weight = number()?;
    }
    cells.next().is_none().then_some((name, Row { idf, weights }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights() -> Weights {
        let heads = Intent::ALL.map(Intent::word).join("\t");
        let text = format!(
            "term\tidf\t{heads}\n(every mail)\t1\t0\t0\t0\t0\t0\t0\t0\t1\noffer\t2\t0\t0\t0\t4\t0\t0\t0\t0\na job\t1\t0\t0\t0\t0\t0\t0\t3\t0\n"
        );
        Weights::from_tsv(&text).unwrap()
    }

    fn term<'m>(text: &'m str) -> Term<'m> {
        Term { name: text.to_lowercase(), text }
    }

    #[test]
    fn a_mail_of_no_known_term_has_the_probabilities_that_every_mail_begins_with() {
        let probabilities = weights().probabilities(&[]);
        let e = std::f64::consts::E;
        assert!((probabilities[7] - e / (e + 7.0)).abs() < 1e-12);
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn voices_are_a_vector_of_length_one_times_the_weights() {
        let (weights, terms) = (weights(), [term("Offer"), term("unknown"), term("a job"), term("offer")]);
        let voices = weights.voices(&terms);
        let offer = 2.0 * (1.0 + 2.0_f64.ln());
        let length = (offer * offer + 1.0).sqrt();
        assert_eq!(voices.iter().map(|voice| voice.text).collect::<Vec<_>>(), ["a job", "Offer"]);
        assert!((voices[1].adds[3] - 4.0 * offer / length).abs() < 1e-12, "{voices:?}");
        assert!((voices[0].adds[6] - 3.0 / length).abs() < 1e-12, "{voices:?}");
    }

    #[test]
    fn saying_it_a_thousand_times_does_not_make_it_surer() {
        let weights = weights();
        let once = weights.probabilities(&weights.voices(&[term("offer")]));
        let often = weights.probabilities(&weights.voices(&vec![term("offer"); 1_000]));
        assert!((once[3] - often[3]).abs() < 1e-12);
    }

    #[test]
    fn a_table_that_is_cut_off_or_of_other_intents_is_none() {
        let text = Weights::to_tsv(&PerIntent::default(), &[("a".to_owned(), Row { idf: 1.0, weights: [0.5; 8] })]);
        assert!(Weights::from_tsv(&text).is_some());
        let cut_off = &text[..text.len() - 8];
        for bad in ["", "term\tidf", cut_off, &text.replace("offer", "gift"), &text.replace("0.50", "half")] {
            assert!(Weights::from_tsv(bad).is_none(), "{bad}");
        }
    }
}
