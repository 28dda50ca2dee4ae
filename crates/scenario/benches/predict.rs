//! How long a prediction takes: `cargo bench -p scenario`. A whole scenario has to be predicted in less than 50 ms.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use scenario::{ArgMistake, FaultKinds, PredictOptions, Scenario, parse, predict, shipped};
use serde_json::Value;

/// Kinds by name, with whatever arguments: they are judged elsewhere.
struct AnyArguments;

impl FaultKinds for AnyArguments {
    fn names(&self) -> Vec<&str> {
        vec!["drop_index", "storage_wait", "leak_connections", "lock_table", "http_error", "kill_redis", "retry_storm"]
    }

    fn check(&self, _: &str, _: &Value) -> Vec<ArgMistake> {
        Vec::new()
    }

    fn schema(&self, _: &str) -> Value {
        Value::Bool(true)
    }
}

fn read(name: &str) -> Scenario {
    let text = shipped().iter().find(|(shipped, _)| *shipped == name).expect("shipped").1;
    parse(text, &AnyArguments).expect("the shipped file is right")
}

/// The largest scenario and the one with the most events, at the slowest and the fastest speed.
fn predictions(criterion: &mut Criterion) {
    for name in ["black-friday", "retry-storm"] {
        let scenario = read(name);
        for speed in [1.0, 10.0] {
            let options = PredictOptions::at_speed(speed);
            criterion.bench_function(&format!("predict {name} at speed {speed}"), |bencher| {
                bencher.iter(|| predict(black_box(&scenario), 1, &options));
            });
        }
    }
}

criterion_group!(benches, predictions);
criterion_main!(benches);
