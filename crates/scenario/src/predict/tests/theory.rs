//! Known results of queueing theory. All have Poisson arrivals and, but for M/D/1, exponential service.

use super::{Chance, Constant};

/// Service takes a second on average, so that arrivals per second are the offered load in Erlang.
const SERVICE_MS: f64 = 1000.0;
/// No patience that a simulation could exhaust.
const FOREVER_MS: f64 = 600_000.0;
/// Arrivals of one run, and runs: one long queue makes many waits alike, so the mean wait of one run is right to 5 to 10 percent
/// only, of eight to 2 or 3.
const ARRIVALS: f64 = 80_000.0;
const RUNS: u64 = 8;

/// `a^j / j!`
fn poisson_term(load: f64, j: u32) -> f64 {
    (1..=j).map(|k| load / f64::from(k)).product()
}

/// M/M/c + D: exponential service of rate 1, everybody gives up after `patience`.
///
/// F. Baccelli and G. Hébuterne, "On queues with impatient customers", Performance '81, for a patience that is the same for
/// all (first: D. Y. Barrer, "Queuing with impatient customers and ordered service", Operations Research 5, 1957).
/// The offered wait `V` of an arrival has the density
/// `v(x) = l p(c-1) exp((l - c) x)` up to the patience `T`, and `v(T) exp(-c (x - T))` beyond it, where `l` is the arrival rate
/// and `p(j) = p(0) l^j / j!` the chance of `j < c` busy servers; `p(0)` makes all of it 1.
#[derive(Debug, Clone, Copy)]
struct Impatient {
    /// The chance that nobody waits.
    no_wait: f64,
    /// The chance of giving up.
    gives_up: f64,
    /// The mean wait of everybody, in services; who gives up waited as long as the patience.
    wait: f64,
}

impl Impatient {
    fn new(servers: u32, load: f64, patience: f64) -> Self {
        let c = f64::from(servers);
        let drift = load - c;
        let at_patience = (drift * patience).exp();
        // Of exp((l - c) x) from 0 to T: its area, and its first moment. Both have a limit where l = c.
        let (area, moment) = if drift.abs() < 1e-9 {
            (patience, patience * patience / 2.0)
        } else {
            let area = (at_patience - 1.0) / drift;
            (area, (patience * at_patience - area) / drift)
        };
        let beyond = at_patience / c;
        let idle: f64 = (0..servers).map(|j| poisson_term(load, j)).sum();
        let waits = load * poisson_term(load, servers - 1);
        let p0 = 1.0 / (idle + waits * (area + beyond));
        let gives_up = p0 * waits * beyond;
        Self { no_wait: p0 * idle, gives_up, wait: p0 * waits * moment + gives_up * patience }
    }
}

/// Erlang's formula for the chance of waiting in M/M/c.
fn erlang_c(servers: u32, load: f64) -> f64 {
    let c = f64::from(servers);
    let all_busy = poisson_term(load, servers) * c / (c - load);
    all_busy / ((0..servers).map(|j| poisson_term(load, j)).sum::<f64>() + all_busy)
}

/// Erlang's formula for the chance of being lost in M/M/c/c.
fn erlang_b(servers: u32, load: f64) -> f64 {
    poisson_term(load, servers) / (0..=servers).map(|j| poisson_term(load, j)).sum::<f64>()
}

fn queue(servers: u32, load: f64, timeout_ms: f64) -> Constant {
    let minutes = (ARRIVALS / (load * 60.0)).clamp(1.0, 1440.0);
    Constant {
        minutes: minutes as u32,
        arrivals_per_minute: load * 60.0,
        connections: servers,
        timeout_ms,
        service_time_ms: SERVICE_MS,
    }
}

/// Simulated with exponential service: chance of no wait, of giving up, and the mean wait in services.
fn simulated(queue: Constant) -> Impatient {
    let (mut count, mut at_once, mut gave_up, mut waits) = (0.0, 0.0, 0.0, 0.0);
    for seed in 1..=RUNS {
        let prediction = queue.simulated(seed, &Chance::Exponential);
        for arrival in prediction.each("demo").filter(|arrival| arrival.minute >= 1.0) {
            let waited = arrival.waited_ms.expect("everybody comes to the queue");
            count += 1.0;
            at_once += f64::from(u8::from(waited == 0.0));
            gave_up += f64::from(u8::from(arrival.failed));
            waits += waited / SERVICE_MS;
        }
    }
    Impatient { no_wait: at_once / count, gives_up: gave_up / count, wait: waits / count }
}

#[test]
fn waiting_in_m_m_c_is_erlangs_within_5_percent() {
    for (servers, utilisation) in [(1, 0.5), (1, 0.8), (5, 0.8), (20, 0.9)] {
        let load = f64::from(servers) * utilisation;
        let found = simulated(queue(servers, load, FOREVER_MS));
        let waits = erlang_c(servers, load);
        assert!((1.0 - found.no_wait - waits).abs() < 0.015, "{servers} at {utilisation}: {found:?}, waits {waits}");
        let mean = waits / (f64::from(servers) - load);
        assert!((found.wait / mean - 1.0).abs() < 0.05, "{servers} at {utilisation}: {found:?}, mean {mean}");
        assert_eq!(found.gives_up, 0.0);
    }
}

#[test]
fn giving_up_in_m_m_c_is_as_in_baccelli_and_hebuterne_within_half_a_point() {
    // Servers, load over servers, patience in services: below, at and above saturation, small and large pools.
    let table = [(1, 0.8, 2.0), (1, 1.5, 2.0), (5, 1.0, 0.5), (20, 0.95, 0.2), (20, 1.2, 2.6), (20, 2.0, 1.6)];
    for (servers, utilisation, patience) in table {
        let load = f64::from(servers) * utilisation;
        let found = simulated(queue(servers, load, patience * SERVICE_MS));
        let theory = Impatient::new(servers, load, patience);
        let what = format!("{servers} at {utilisation}, patience {patience}: {found:?}, {theory:?}");
        assert!((found.gives_up - theory.gives_up).abs() < 0.005, "{what}");
        assert!((found.no_wait - theory.no_wait).abs() < 0.015, "{what}");
        assert!((found.wait - theory.wait).abs() < 0.03 * theory.wait.max(0.1), "{what}");
    }
}

#[test]
fn the_formula_for_the_impatient_has_the_known_limits() {
    for (servers, load) in [(1, 0.5), (5, 4.0), (20, 18.0)] {
        let loss = Impatient::new(servers, load, 0.0);
        assert!((loss.gives_up - erlang_b(servers, load)).abs() < 1e-12);
        let patient = Impatient::new(servers, load, 1e3);
        assert!((1.0 - patient.no_wait - erlang_c(servers, load)).abs() < 1e-9 && patient.gives_up < 1e-12);
        assert!((patient.wait - erlang_c(servers, load) / (f64::from(servers) - load)).abs() < 1e-9);
    }
    let (at, beside) = (Impatient::new(4, 4.0, 1.0), Impatient::new(4, 4.001, 1.0));
    assert!((at.gives_up - beside.gives_up).abs() < 1e-3 && (at.wait - beside.wait).abs() < 1e-3);
    let overloaded = Impatient::new(20, 40.0, 3.0);
    assert!((overloaded.gives_up - 0.5).abs() < 1e-3, "far above saturation it is 1 - C/L: {overloaded:?}");
}

#[test]
fn losses_without_a_queue_are_erlangs_whatever_the_service() {
    // An acquire timeout of almost nothing makes a loss system: 5 servers offered 4 Erlang lose 19.9 %.
    for chance in [Chance::Exponential, Chance::lognormal(0.5), Chance::lognormal(0.0)] {
        let found = queue(5, 4.0, 0.01).settled(&chance).error_rate.expect("arrivals");
        assert!((found - erlang_b(5, 4.0)).abs() < 0.005, "{chance:?}: {found}");
    }
}

#[test]
fn waiting_in_m_d_1_is_pollaczeks_and_khinchines_within_5_percent() {
    // Mean wait of a server that is busy 80 % of the time: rho S / (2 (1 - rho)) = 2 S.
    let queue = queue(1, 0.8, FOREVER_MS);
    let wait = |seed| queue.simulated(seed, &Chance::lognormal(0.0)).window("demo", 1.0, 1440.0)?.wait_ms;
    let waits: Vec<f64> = (1..=RUNS).filter_map(wait).collect();
    let mean = waits.iter().sum::<f64>() / waits.len() as f64;
    assert!((mean / 2000.0 - 1.0).abs() < 0.05, "{mean}");
}
