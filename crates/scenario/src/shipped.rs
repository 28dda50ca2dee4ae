//! The scenarios that come with Doorbuster.

/// `(name, text)` of each shipped scenario file, the default first.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &[
        ("black-friday", include_str!("../../../scenarios/black-friday.yaml")),
        ("dual-mode", include_str!("../../../scenarios/dual-mode.yaml")),
        ("pool-leak", include_str!("../../../scenarios/pool-leak.yaml")),
        ("cart-outage", include_str!("../../../scenarios/cart-outage.yaml")),
        ("lock-storm", include_str!("../../../scenarios/lock-storm.yaml")),
        ("retry-storm", include_str!("../../../scenarios/retry-storm.yaml")),
        ("inbox", include_str!("../../../scenarios/inbox.yaml")),
    ]
}
