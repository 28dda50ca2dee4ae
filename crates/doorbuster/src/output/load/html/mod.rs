//! A judged report as one HTML file that needs nothing else: no network, no fonts, no other file.
//!
//! It looks like the console's pages, whose style and charts it takes. Numbers stand in the page as text; only curves need
//! its script.
mod page;
mod series;

pub(crate) use page::render;
