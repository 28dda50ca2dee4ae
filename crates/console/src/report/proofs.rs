//! Whether the fault was real, and whether everything is as it was.

use maud::{Markup, html};

use crate::pages::shape::{Shape, state};
use crate::story::RunStory;

/// Proofs and restoration; nothing where nothing was broken.
pub(super) fn proofs(story: &RunStory) -> Markup {
    if story.play.proofs.is_empty() && story.restored.is_empty() {
        return html! {};
    }
    html! {
        section.panel.two {
            div {
                h2 { "Was the fault real?" }
                ul.findings {
                    @for proof in &story.play.proofs {
                        li {
                            @match proof.holds {
                                Some(true) => (state(Shape::Ok, "proved")),
                                Some(false) => (state(Shape::Critical, "NOT SO")),
                                None => (state(Shape::NoData, "not looked at")),
                            }
                            span { (proof.claim) " " span.faint { (proof.fault) } span.also { (proof.seen) } }
                        }
                    }
                }
            }
            div {
                h2 { "Is everything as it was?" }
                ul.findings {
                    @for one in &story.restored {
                        li {
                            @if one.restored { (state(Shape::Ok, "put back")) } @else { (state(Shape::Critical, "NOT PUT BACK")) }
                            span { (one.fault) span.also { (one.seen) } }
                        }
                    }
                    @if story.restored.is_empty() { li { span.quiet { "Nothing had to be put back." } } }
                }
            }
        }
    }
}
