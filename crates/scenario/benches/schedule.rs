//! What an arrival costs the load engine: `cargo bench -p scenario --bench schedule`. Times are of 100,000 arrivals, so
//! a millisecond is 10 ns each. The engine may ask for 200,000 a second.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use indexmap::IndexMap;
use scenario::{Curve, DataDraw, DataSource, Schedule, Spacing, Stream, ThinkDraw, ThinkTime};

const ARRIVALS: u64 = 100_000;
const MINUTES: f64 = 10.0;

fn stream(name: &str, spacing: Spacing, journeys: &[(&str, Curve)]) -> Stream {
    let per_minute = (ARRIVALS + 1000) as f64 / MINUTES;
    let rate = Curve::new(vec![(0.0, 0.0), (5.0, per_minute), (5.0, 1.5 * per_minute)]).expect("ordered");
    Stream {
        name: name.to_owned(),
        arrivals_per_minute: rate,
        spacing,
        journeys: journeys.iter().map(|(name, weight)| ((*name).to_owned(), weight.clone())).collect(),
        tag: None,
        headers: IndexMap::new(),
        baggage: IndexMap::new(),
        elsewhere_ms: 0.0,
    }
}

fn schedules(criterion: &mut Criterion) {
    let constant = ["a", "b", "c", "d", "e"].map(|name| (name, Curve::constant(20.0)));
    let ramp = |from: f64, to: f64| Curve::new(vec![(0.0, from), (3.0, from), (7.0, to)]).expect("ordered");
    let changing = [("a", ramp(1.0, 5.0)), ("b", ramp(5.0, 1.0)), ("c", ramp(2.0, 2.0)), ("d", ramp(0.0, 9.0))];
    let one = [("a", Curve::constant(1.0))];
    let table = [
        ("uniform, one journey", vec![stream("a", Spacing::Uniform, &one)], 1),
        ("poisson, one journey", vec![stream("a", Spacing::Poisson, &one)], 1),
        ("poisson, five constant weights", vec![stream("a", Spacing::Poisson, &constant)], 1),
        ("poisson, four changing weights", vec![stream("a", Spacing::Poisson, &changing)], 1),
        ("two streams", ["a", "b"].map(|name| stream(name, Spacing::Poisson, &constant)).to_vec(), 1),
        (
            "eight streams",
            ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| stream(name, Spacing::Poisson, &constant)).to_vec(),
            1,
        ),
        ("one worker of four, poisson", vec![stream("a", Spacing::Poisson, &constant)], 4),
        ("one worker of four, uniform", vec![stream("a", Spacing::Uniform, &constant)], 4),
    ];
    let mut group = criterion.benchmark_group("arrivals");
    for (name, streams, workers) in &table {
        let schedule = || Schedule::of_streams(streams, MINUTES, 1, 1.0, 0, *workers);
        let count = schedule().take(ARRIVALS as usize).count();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| schedule().take(count).map(|arrival| arrival.journey).sum::<usize>());
        });
    }
    let (_, streams, _) = &table[2];
    group.throughput(Throughput::Elements(Schedule::of_streams(streams, MINUTES, 1, 1.0, 0, 1).count() as u64));
    group.bench_function("digest", |bencher| {
        bencher.iter(|| Schedule::digest_of_streams(black_box(streams), MINUTES, 1, 1.0));
    });
}

fn draws(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draws");
    group.throughput(Throughput::Elements(ARRIVALS));
    let numbers = DataSource::Numbers { from: 1, to: 5000, prefix: "cust-".to_owned(), digits: 6 };
    let texts = DataSource::OneOf { one_of: ["electronics", "books"].map(str::to_owned).to_vec() };
    for (name, source) in [("numbers", numbers), ("one of", texts)] {
        let draw = DataDraw::new(&source, 1, "buyers", "customer");
        let mut out = String::with_capacity(64);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for index in 0..ARRIVALS {
                    out.clear();
                    draw.write(index, &mut out);
                    black_box(out.as_str());
                }
            });
        });
    }
    let draw = ThinkDraw::new(1, "buyers");
    let think = ThinkTime { least_ms: 500.0, most_ms: 1500.0 };
    group.bench_function("think time", |bencher| {
        bencher.iter(|| {
            for index in 0..ARRIVALS {
                black_box(draw.pause(think, index, 3));
            }
        });
    });
}

criterion_group!(benches, schedules, draws);
criterion_main!(benches);
