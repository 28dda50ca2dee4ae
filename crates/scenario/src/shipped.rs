//! The scenarios that come with Doorbuster.

/// `(name, text)` of each shipped scenario file, the default first.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &[("black-friday", include_str!("../../../scenarios/black-friday.yaml"))]
}
