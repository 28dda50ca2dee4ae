//! What gives pages their look, for reports of the same house that are files of their own.

/// Colours, spaces and the parts of every page, dark and light.
pub const CONSOLE_CSS: &str = include_str!("../assets/console.css");
/// The charts' style.
pub const UPLOT_CSS: &str = include_str!("../assets/uPlot.min.css");
/// The charts: uPlot (MIT), as `uPlot` in the page's scope.
pub const UPLOT_JS: &str = include_str!("../assets/uPlot.iife.min.js");
