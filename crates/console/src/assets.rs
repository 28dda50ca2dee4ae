//! What gives pages their look, for reports of the same house that are files of their own.

/// Colours, spaces and the parts of every page, dark and light.
pub const CONSOLE_CSS: &str = include_str!("../assets/console.css");
/// What reports have beyond the console's pages: head, figures, charts, tables on paper.
pub const REPORT_CSS: &str = include_str!("../assets/report.css");
/// The theme of a report, on screen and on paper.
pub const REPORT_JS: &str = include_str!("../assets/report.js");
/// What all charts of reports have in common, as `Charts`.
pub const CHARTS_JS: &str = include_str!("../assets/charts.js");
/// The charts' style.
pub const UPLOT_CSS: &str = include_str!("../assets/uPlot.min.css");
/// The charts: uPlot (MIT), as `uPlot` in the page's scope.
pub const UPLOT_JS: &str = include_str!("../assets/uPlot.iife.min.js");
/// The icon of every page, as a URL that loads nothing.
pub const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%23ff6e40'/%3E%3Cpath d='M5 3h6v10H5z' fill='%23fff'/%3E%3C/svg%3E";
