//! How long a hosted model of its size would take: so that a long mail costs time, as it does elsewhere.
//!
//! Two phases, as in every language model: the prompt is read many tokens at a time (prefill), the answer is written one by one
//! (decode), so time grows linearly with both, at different rates. Before either, a request waits for its place in the host's
//! batch. The rates are those of small hosted models as published in 2025 and 2026 (Gemini 2.0 to 3.1 Flash-Lite: first token of a
//! short prompt after 180 to 320 ms, about 320 tokens a second; models of 3 to 8 billion parameters: 8,000 to 14,000 prompt tokens
//! a second), on the side that makes a usual mail take 200 to 450 ms.
//!
//! No random numbers: how lucky a request is comes from a hash of its prompt, so the same prompt always takes the same.

use std::time::Duration;

use sha2::{Digest, Sha256};

/// The way there and back, and what the host does before and after. Less than what is published: nothing crosses an ocean here.
const OVERHEAD: Duration = Duration::from_millis(110);

/// The mean wait for a place in the batch. Waits of queues with room are exponentially distributed.
const MEAN_WAIT: Duration = Duration::from_millis(40);

/// A host that would have one wait longer (one request of forty) gives it the next place.
const LONGEST_WAIT: Duration = Duration::from_millis(150);

/// Prompt tokens read in a second: 6,000 in 0.8 s.
const PREFILL_PER_S: f64 = 7_500.0;

/// Answer's tokens written in a second, in a batch of the usual size.
const DECODE_PER_S: f64 = 350.0;

/// Fuller and emptier batches write this much slower and faster.
const DECODE_SPREAD: f64 = 0.1;

/// Another seed would spread the same prompts otherwise.
const SEED: &[u8] = b"doorbuster-embedded-1";

/// How long the answer of `output_tokens` to `prompt`, which is `input_tokens`, takes.
pub(super) fn latency(prompt: &[&str], input_tokens: usize, output_tokens: usize) -> Duration {
    let (waits, decodes) = luck(prompt);
    // The quantile function of the exponential distribution.
    let wait = MEAN_WAIT.mul_f64(-libm::log(1.0 - waits)).min(LONGEST_WAIT);
    let decode_per_s = DECODE_PER_S * (1.0 - DECODE_SPREAD + 2.0 * DECODE_SPREAD * decodes);
    let tokens_s = input_tokens as f64 / PREFILL_PER_S + output_tokens as f64 / decode_per_s;
    OVERHEAD + wait + Duration::from_secs_f64(tokens_s)
}

/// Two numbers from 0 up to 1, from what the prompt says.
fn luck(prompt: &[&str]) -> (f64, f64) {
    let mut hash = Sha256::new_with_prefix(SEED);
    for text in prompt {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    let digest = hash.finalize();
    let number = |from: usize| {
        let bytes = digest[from..from + 4].try_into().expect("a digest has 32 bytes");
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    };
    (number(0), number(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The latencies of many prompts of one size, in milliseconds and ascending.
    fn many(input_tokens: usize, output_tokens: usize) -> Vec<u128> {
        let mut all: Vec<u128> = (0..2_000)
            .map(|n| latency(&["instructions", &n.to_string()], input_tokens, output_tokens).as_millis())
            .collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn a_usual_mail_takes_a_third_of_a_second_and_a_bloated_one_more_than_one() {
        // input and output tokens; least, 95th percentile and most that it may take, ms
        for (input, output, least, p95, most) in [
            (150, 40, 200, 450, 500),
            (250, 55, 200, 480, 500),
            (2_500, 50, 500, 800, 850),
            (6_000, 50, 1_000, 1_250, 1_300),
            (8_192, 200, 1_700, 2_000, 2_000),
        ] {
            let all = many(input, output);
            let (shortest, ninety_fifth, longest) = (all[0], all[all.len() * 95 / 100], all[all.len() - 1]);
            assert!(shortest >= least, "{input} tokens in: {shortest} ms");
            assert!(ninety_fifth < p95, "{input} tokens in: {ninety_fifth} ms");
            assert!(longest < most, "{input} tokens in: {longest} ms");
        }
    }

    #[test]
    fn requests_differ_and_the_same_one_never_does() {
        let all = many(150, 40);
        assert!(all[all.len() - 1] - all[0] > 100, "{} to {}", all[0], all[all.len() - 1]);
        assert_eq!(latency(&["a", "b"], 150, 40), latency(&["a", "b"], 150, 40));
        assert_ne!(latency(&["a", "b"], 150, 40), latency(&["ab", ""], 150, 40));
    }

    #[test]
    fn every_token_more_takes_longer() {
        let takes = |input, output| latency(&["a"], input, output);
        for tokens in [0, 1, 100, 8_191] {
            assert!(takes(tokens + 1, 10) > takes(tokens, 10));
            assert!(takes(10, tokens + 1) > takes(10, tokens));
        }
    }
}
