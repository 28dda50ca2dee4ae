//! The frame of a report: one HTML file that loads nothing and sends nothing.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::{CHARTS_JS, CONSOLE_CSS, ICON, REPORT_CSS, REPORT_JS, UPLOT_CSS, UPLOT_JS};

/// Whatever a report is made of, it loads nothing and sends nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/// A report without its content.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Title of the window.
    pub title: &'a str,
    /// What kind of report of what, beside the brand.
    pub kind: &'a str,
    /// Style beyond that of all reports.
    pub style: &'a str,
    /// Script beyond uPlot and what all reports have (`Charts`).
    pub script: &'a str,
    /// What the charts draw, as JSON; it may hold anybody's text.
    pub data: &'a str,
}

impl Document<'_> {
    /// The whole file around `main`.
    pub fn render(&self, main: &Markup) -> String {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    title { (self.title) " · Doorbuster" }
                    link rel="icon" href=(ICON);
                    style { (PreEscaped(CONSOLE_CSS)) (PreEscaped(UPLOT_CSS)) (PreEscaped(REPORT_CSS)) (PreEscaped(self.style)) }
                }
                body.report {
                    a.skip href="#main" { "Skip to content" }
                    header.bar {
                        span.brand { "Doorbuster" }
                        span.kind { (self.kind) }
                        button #theme type="button" { "Dark / light" }
                    }
                    main #main { (main) }
                    (data(self.data))
                    script { (PreEscaped(UPLOT_JS)) }
                    script { (PreEscaped(CHARTS_JS)) }
                    script { (PreEscaped(REPORT_JS)) }
                    script { (PreEscaped(self.script)) }
                }
            }
        }
        .into_string()
    }
}

/// JSON for a page's own script. It is data, never run; no text in it can end the element that it stands in.
pub(crate) fn data(json: &str) -> Markup {
    html! { script #data type="application/json" { (PreEscaped(json.replace('<', "\\u003c"))) } }
}
