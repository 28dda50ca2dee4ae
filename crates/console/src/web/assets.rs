//! What pages need besides themselves, compiled in: the console works without network.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::assets::{CHARTS_JS, CONSOLE_CSS, REPORT_CSS, UPLOT_CSS, UPLOT_JS};

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// Name, type, content.
const ASSETS: &[(&str, &str, &str)] = &[
    ("console.css", CSS, CONSOLE_CSS),
    ("explore.css", CSS, include_str!("../../assets/explore.css")),
    ("stage.css", CSS, include_str!("../../assets/stage.css")),
    ("trace.css", CSS, include_str!("../../assets/trace.css")),
    ("report.css", CSS, REPORT_CSS),
    ("run.css", CSS, include_str!("../../assets/run.css")),
    ("watch.css", CSS, include_str!("../../assets/watch.css")),
    ("runs.css", CSS, include_str!("../../assets/runs.css")),
    ("charts.js", JAVASCRIPT, CHARTS_JS),
    ("run.js", JAVASCRIPT, include_str!("../../assets/run.js")),
    ("console.js", JAVASCRIPT, include_str!("../../assets/console.js")),
    ("stage.js", JAVASCRIPT, include_str!("../../assets/stage.js")),
    ("compare.js", JAVASCRIPT, include_str!("../../assets/compare.js")),
    ("sql.css", CSS, include_str!("../../assets/sql.css")),
    ("sql-chart.js", JAVASCRIPT, include_str!("../../assets/sql-chart.js")),
    ("sql.js", JAVASCRIPT, include_str!("../../assets/sql.js")),
    ("traces.js", JAVASCRIPT, include_str!("../../assets/traces.js")),
    ("tray.js", JAVASCRIPT, include_str!("../../assets/tray.js")),
    ("waterfall.js", JAVASCRIPT, include_str!("../../assets/waterfall.js")),
    ("uPlot.iife.min.js", JAVASCRIPT, UPLOT_JS),
    ("uPlot.min.css", CSS, UPLOT_CSS),
];

pub(crate) async fn get(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        // The content belongs to this very binary: a browser must ask again after an update.
        Some((_, content_type, content)) => {
            ([(CONTENT_TYPE, *content_type), (CACHE_CONTROL, "no-cache")], *content).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
