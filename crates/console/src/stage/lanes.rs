//! Whose traffic the page shows: baseline and demo, or the streams that the play names.

use crate::api::StagePlay;

/// The traffic that stays healthy, on the left.
const BASELINE: &str = "baseline";
/// The traffic that meets the incident, on the right.
const DEMO: &str = "demo";
/// Arrivals per minute below this are nobody.
const NOBODY: f64 = 1e-9;

/// Every kind of traffic, the one that stays healthy first: the play's streams in the order of its scenario, at least two.
pub(crate) fn lanes(play: Option<&StagePlay>) -> Vec<&str> {
    let mut lanes: Vec<&str> = Vec::new();
    for stream in play.iter().flat_map(|play| &play.predicted).map(|point| point.stream.as_str()) {
        if !lanes.contains(&stream) {
            lanes.push(stream);
        }
    }
    match lanes[..] {
        [] => vec![BASELINE, DEMO],
        [BASELINE] => vec![BASELINE, DEMO],
        [one] => vec![BASELINE, one],
        _ => {
            // Wherever a scenario has it.
            lanes.sort_by_key(|lane| *lane != BASELINE);
            lanes
        }
    }
}

/// The two of `lanes` that are looked at in `minute`: the first, and of the others the one that comes then, or else the next
/// to come, or else the last.
pub(crate) fn pair<'a>(lanes: &[&'a str], play: Option<&StagePlay>, minute: f64) -> [&'a str; 2] {
    let (first, others) = (lanes[0], &lanes[1..]);
    let Some(play) = play.filter(|_| others.len() > 1) else {
        return [first, others[0]];
    };
    // A point stands for the minute around it: the first that is not over yet is the one that plays, or the next.
    let comes = |lane: &str| {
        let points = play.predicted.iter().filter(|point| point.stream == lane && point.arrivals_per_minute > NOBODY);
        points.map(|point| point.minute).find(|middle| middle + 0.5 > minute)
    };
    let soonest = others.iter().filter_map(|lane| Some((comes(lane)?, *lane))).min_by(|a, b| a.0.total_cmp(&b.0));
    [first, soonest.map_or(others[others.len() - 1], |(_, lane)| lane)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::PlayPrediction;

    fn play(streams: &[(&str, f64, f64)]) -> StagePlay {
        let point = |stream: &str, minute: f64, rate: f64| PlayPrediction {
            stream: stream.to_owned(),
            minute: minute + 0.5,
            arrivals_per_minute: rate,
            ..PlayPrediction::default()
        };
        let minutes = (0..12).map(f64::from);
        let predicted = minutes.flat_map(|minute| {
            streams.iter().map(move |(name, from, to)| {
                point(name, minute, if (*from..*to).contains(&minute) { 60.0 } else { 0.0 })
            })
        });
        StagePlay { minutes: 12.0, predicted: predicted.collect(), ..StagePlay::default() }
    }

    #[test]
    fn without_a_play_and_in_the_shop_it_is_baseline_and_demo() {
        assert_eq!(lanes(None), ["baseline", "demo"]);
        assert_eq!(lanes(Some(&play(&[("demo", 0.0, 12.0), ("baseline", 0.0, 12.0)]))), ["baseline", "demo"]);
        assert_eq!(lanes(Some(&play(&[("demo", 0.0, 12.0)]))), ["baseline", "demo"]);
        assert_eq!(lanes(Some(&play(&[("mine", 0.0, 12.0)]))), ["baseline", "mine"]);
    }

    #[test]
    fn of_several_acts_the_one_that_plays_is_looked_at_and_between_them_the_next() {
        let play = play(&[("normal", 0.0, 12.0), ("slow", 2.0, 4.0), ("errors", 5.0, 7.0), ("bloat", 8.0, 10.0)]);
        let lanes = lanes(Some(&play));
        let table = [
            (0.0, "slow"),
            (2.0, "slow"),
            (3.9, "slow"),
            (4.1, "errors"),
            (6.9, "errors"),
            (7.1, "bloat"),
            (9.5, "bloat"),
            (11.0, "bloat"),
        ];
        for (minute, expected) in table {
            assert_eq!(pair(&lanes, Some(&play), minute), ["normal", expected], "{minute}");
        }
        assert_eq!(pair(&["baseline", "demo"], None, 3.0), ["baseline", "demo"]);
    }
}
