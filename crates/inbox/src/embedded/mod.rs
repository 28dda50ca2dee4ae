//! The model that is always there: a classifier trained on the mails in `data/`, rules for what mails say, a real tokenizer,
//! and the latency of a hosted model of its size.
//!
//! It is no language model and makes nothing up: an answer is what its weights and rules say, the same for the same prompt.
//! Start with `answering.rs`; `terms`, `weights` and `classify` sort, `extract` finds, `data`, `learn` and `accuracy` are for the
//! command line and tests. Why it is made here: `docs/decisions/0010-*`.

mod answering;
mod classify;
mod terms;
mod weights;

mod extract;

mod latency;

mod accuracy;
mod data;
mod learn;

pub use self::accuracy::{Accuracy, Confidence, Miss, accuracy, cross_validated_accuracy};
pub(crate) use self::answering::Embedded;
pub use self::learn::learned_weights;

/// Mails that nobody should have to read: long, strange, or nothing.
#[cfg(test)]
fn adversaries() -> Vec<String> {
    const LONG: usize = 60_000;
    let long = |text: &str| text.repeat(LONG / text.len());
    [
        "a",
        "A",
        " ",
        "\n",
        "\0",
        "0",
        "0 ",
        "0\n",
        "$1\n",
        "a.\n",
        "a ",
        "A ",
        "A-",
        "1.",
        "🎉",
        "👩‍👩‍👧‍👦",
        "مرحبا ",
        "\u{202e}abc",
        "e\u{301}",
        "https://",
        "a@",
        "a.b@c.",
        "$1,000",
        "1 May ",
        "the role of A ",
        "Engineer ",
        "at A and the ",
        "Tuesday, ",
        "call +1 (2) ",
        "ß",
        "İ",
        "<script>",
        "\"\\",
    ]
    .into_iter()
    .map(long)
    .chain(["".to_owned(), "\u{feff}".to_owned(), "\u{2028}\u{2029}".to_owned()])
    .collect()
}
