//! The pages in a real browser: headless Chromium, driven over the WebDriver protocol.
//!
//! [`Browser`] is the browser of one test; start there. A page's tests are in the file of its name.

mod driver;
mod input;
mod process;

mod accessibility;
mod compare;
mod harness;
mod pages;
mod runs;
mod sql;
mod stage;
mod traces;
mod watch;
mod waterfall;

pub(crate) use driver::{Browser, Theme};
pub(crate) use input::Key;
