//! One line of queueing: far above saturation a share `1 - C/L` fails.

use super::{Chance, Constant};

#[test]
fn the_simulation_gives_the_table_of_the_design() {
    // Arrivals a minute, S in ms, error rate and p95 in ms as simulated for the design, 20 connections, T = 2.1 s.
    let table = [
        (2100.0, 672.0, 0.138, 2900.0),
        (3400.0, 641.0, 0.443, 2800.0),
        (4200.0, 816.0, 0.649, 3000.0),
        (4200.0, 1300.0, 0.781, 3500.0),
    ];
    for (rate, service, errors, p95) in table {
        let queue = Constant {
            minutes: 30,
            arrivals_per_minute: rate,
            connections: 20,
            timeout_ms: 2100.0,
            service_time_ms: service,
        };
        let window = queue.settled(&Chance::lognormal(0.05));
        let found = window.error_rate.expect("arrivals");
        assert!((found - errors).abs() < 0.015, "{rate}/min at {service} ms: {found}");
        let found = window.p95_ms.expect("arrivals");
        assert!((found - p95).abs() < 150.0, "{rate}/min at {service} ms: p95 {found}");
    }
}

#[test]
fn far_above_saturation_the_closed_formula_holds_within_a_point() {
    // Whatever the pool, its timeout and the spread of service times.
    for (connections, service_ms, load) in [(20, 800.0, 2.0), (20, 800.0, 5.0), (4, 300.0, 3.0), (1, 2500.0, 2.5)] {
        for sigma in [0.0, 0.05, 0.4] {
            let arrivals_per_minute = f64::from(connections) / service_ms * 60_000.0 * load;
            let queue = Constant {
                // Long enough that the count of Poisson arrivals is right to half a percent.
                minutes: (40_000.0 / arrivals_per_minute) as u32,
                arrivals_per_minute,
                connections,
                // Room for several in line: with none the queue is a loss system.
                timeout_ms: 4.0 * service_ms,
                service_time_ms: service_ms,
            };
            let found = queue.settled(&Chance::lognormal(sigma)).error_rate.expect("arrivals");
            let formula = 1.0 - 1.0 / load;
            assert!((found - formula).abs() < 0.01, "{connections} connections, load {load}: {found}, not {formula}");
        }
    }
}

#[test]
fn a_pool_of_one_is_governed_by_chance_as_the_design_says() {
    for (service, errors) in [(1500.0, 0.085), (1850.0, 0.196), (2500.0, 0.376)] {
        let queue = Constant {
            minutes: 1440,
            arrivals_per_minute: 36.0,
            connections: 1,
            timeout_ms: 5000.0,
            service_time_ms: service,
        };
        let found = queue.settled(&Chance::lognormal(0.4)).error_rate.expect("arrivals");
        assert!((found - errors).abs() < 0.02, "S {service}: {found} instead of {errors}");
    }
}

#[test]
fn far_below_saturation_nobody_waits() {
    let queue = Constant {
        minutes: 10,
        arrivals_per_minute: 4200.0,
        connections: 20,
        timeout_ms: 2100.0,
        service_time_ms: 1.0,
    };
    let window = queue.settled(&Chance::lognormal(0.05));
    assert_eq!((window.error_rate, window.wait_ms), (Some(0.0), Some(0.0)));
    assert!(window.p95_ms.expect("arrivals") < 1.2, "{window:?}");
}
