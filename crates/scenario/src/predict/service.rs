//! How service times spread around their target.

use crate::schedule::Random;

/// Number of steps in the table of quantiles: enough that the mean is right to a tenth of a percent.
const STEPS: usize = 1024;

/// Multipliers of a service time, with mean 1.
#[derive(Debug)]
pub(super) enum Chance {
    /// What a calibrated wait does.
    Lognormal(Lognormal),
    /// What queueing theory has closed formulas for.
    #[cfg(test)]
    Exponential,
}

impl Chance {
    /// Lognormal with standard deviation `sigma` of the logarithm; 0 means that every service takes its target.
    pub(super) fn lognormal(sigma: f64) -> Self {
        Self::Lognormal(Lognormal::new(sigma))
    }

    /// The multiplier at `counter` of `random`.
    pub(super) fn pick(&self, random: Random, counter: u64) -> f64 {
        match self {
            Self::Lognormal(table) => table.pick(random.at(counter)),
            #[cfg(test)]
            Self::Exponential => random.exponential(counter),
        }
    }
}

/// Multipliers by a table of quantiles, lognormal with mean 1.
#[derive(Debug)]
pub(super) struct Lognormal {
    quantiles: Vec<f64>,
}

impl Lognormal {
    fn new(sigma: f64) -> Self {
        let middle = |step: usize| (step as f64 + 0.5) / STEPS as f64;
        let quantiles: Vec<f64> = (0..STEPS).map(|step| libm::exp(sigma * normal_quantile(middle(step)))).collect();
        let mean = quantiles.iter().sum::<f64>() / STEPS as f64;
        Self { quantiles: quantiles.into_iter().map(|q| q / mean).collect() }
    }

    /// The multiplier that 64 random `bits` choose.
    fn pick(&self, bits: u64) -> f64 {
        self.quantiles[(bits >> 32) as usize % STEPS]
    }
}

/// The standard normal's quantile at `p` in (0, 1), to 1e-7: bisection, for a table of a thousand it is fast enough.
fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-9.0, 9.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        let below = 0.5 * libm::erfc(-middle / std::f64::consts::SQRT_2);
        if below < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_normal_ones() {
        for (p, z) in [(0.5, 0.0), (0.975, 1.959_964), (0.05, -1.644_854)] {
            assert!((normal_quantile(p) - z).abs() < 1e-5, "{p}");
        }
    }

    #[test]
    fn the_mean_is_1_and_the_spread_is_sigma() {
        let table = Lognormal::new(0.1);
        let logs: Vec<f64> = table.quantiles.iter().map(|q| q.ln()).collect();
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let deviation = (logs.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / logs.len() as f64).sqrt();
        assert!((deviation - 0.1).abs() < 0.002, "{deviation}");
        assert!((table.quantiles.iter().sum::<f64>() / STEPS as f64 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn without_spread_every_service_takes_its_target() {
        assert!((0..100).all(|n| Lognormal::new(0.0).pick(n << 32) == 1.0));
    }
}
