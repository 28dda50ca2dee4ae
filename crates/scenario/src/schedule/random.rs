//! Counter-based randomness: the n-th number of a key, without the n - 1 before it.
//!
//! SplitMix64 (Steele, Lea, Flood 2014) advances its state by a constant, so its n-th output is a pure function of key
//! and n. It passes BigCrush, costs about 1 ns, and is the same on every platform, as is `libm`'s logarithm.

/// The odd constant nearest to 2^64 / golden ratio, from the reference implementation.
const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Random numbers of one key, by counter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Random {
    key: u64,
}

impl Random {
    /// Numbers of `name` under `seed`. Keyed by name, so adding a stream does not change the others.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        // FNV-1a: names are short, and the mix below spreads what it leaves.
        let name =
            name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3));
        Self { key: mix(mix(seed.wrapping_add(GAMMA)) ^ name) }
    }

    /// The number at `counter`.
    pub(crate) fn at(self, counter: u64) -> u64 {
        mix(self.key.wrapping_add(GAMMA.wrapping_mul(counter.wrapping_add(1))))
    }

    /// Uniform in (0, 1]; never 0, so that its logarithm is finite.
    pub(crate) fn unit(self, counter: u64) -> f64 {
        ((self.at(counter) >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Exponential with mean 1.
    #[inline]
    pub(crate) fn exponential(self, counter: u64) -> f64 {
        -libm::log(self.unit(counter))
    }
}

/// Where `bits` falls among `bound` equal parts of the 32-bit range.
pub(crate) fn below(bits: u32, bound: u32) -> u32 {
    // The product of two 32-bit numbers, shifted by 32, is below `bound`.
    ((u64::from(bits) * u64::from(bound)) >> 32) as u32
}

/// The finalizer of SplitMix64: spreads whatever distinguishes two numbers over all their bits. A bijection.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_splitmix64() {
        // First outputs of the reference implementation for the state 1234567.
        let random = Random { key: 1_234_567 };
        let reference = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([0, 1, 2].map(|n| random.at(n)), reference);
    }

    #[test]
    fn units_stay_in_range_and_have_the_mean_of_a_uniform() {
        let random = Random::new(1, "demo");
        let units: Vec<f64> = (0..100_000).map(|n| random.unit(n)).collect();
        assert!(units.iter().all(|u| *u > 0.0 && *u <= 1.0));
        let mean = units.iter().sum::<f64>() / units.len() as f64;
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
    }

    #[test]
    fn seed_and_name_both_change_the_numbers() {
        let first = Random::new(1, "demo").at(0);
        assert_ne!(first, Random::new(2, "demo").at(0));
        assert_ne!(first, Random::new(1, "baseline").at(0));
    }

    #[test]
    fn below_never_reaches_its_bound() {
        assert_eq!(below(u32::MAX, 10_000), 9_999);
        assert_eq!(below(0, 10_000), 0);
    }
}
