//! The service map as SVG, drawn here: `layers` gives each node its column, `order` its place in it, `layout` the
//! coordinates, `draw` the picture. No physics: the same calls always give the same picture, so it can be read at a glance
//! and kept fresh without a jump.

mod draw;
mod layers;
mod layout;
mod order;
mod table;

pub(crate) use draw::draw;
pub(crate) use table::table;

#[cfg(test)]
mod tests;
