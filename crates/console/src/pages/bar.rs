//! The bar above every page: the pages in groups, the sign of life, the theme, and the keys.

use maud::{Markup, html};

/// Path, name, and the key that leads there.
type Entry = (&'static str, &'static str, &'static str);

/// What a page is for, and the pages.
const GROUPS: [(&str, &[Entry]); 4] = [
    ("Watch", &[("/", "Stage", "s")]),
    (
        "Explore",
        &[
            ("/services", "Services", "v"),
            ("/traces", "Traces", "t"),
            ("/databases", "Databases", "b"),
            ("/logs", "Logs", "l"),
        ],
    ),
    (
        "Detect",
        &[
            ("/monitors", "Monitors", "m"),
            ("/incidents", "Incidents", "i"),
            ("/slos", "SLOs", "o"),
            ("/llm", "LLM", "a"),
        ],
    ),
    ("Ask", &[("/sql", "SQL", "q"), ("/runs", "Runs", "r")]),
];

/// The bar; `section` is the path of the page that is open, `is_live` whether it keeps itself fresh.
pub(crate) fn bar(section: &str, is_live: bool) -> Markup {
    html! {
        header.bar {
            button.menu.icon type="button" popovertarget="pages" aria-label="Pages" { (icon(Icon::Menu)) }
            a.brand href="/" { (mark()) "Doorbuster" }
            nav #pages popover aria-label="Pages" {
                @for (group, entries) in GROUPS {
                    ul aria-label=(group) {
                        @for (path, name, key) in entries {
                            li { a href=(path) data-key=(key) aria-current=[(*path == section).then_some("page")] title={ "key " (key) } { (name) kbd aria-hidden="true" { (key) } } }
                        }
                    }
                }
            }
            @if is_live { button #live .live type="button" data-state="on" aria-pressed="false" title="hold still, or go on: key f" { "live" } }
            button #theme .icon type="button" aria-label="Dark or light" title="dark or light: key d" { (icon(Icon::Theme)) }
            button #help .icon type="button" aria-label="Keys" title="keys: key ?" { "?" }
        }
    }
}

/// The list of keys, opened by `?` and by the button. What a page has of its own is filled in by `console.js`.
pub(crate) fn keys(is_live: bool) -> Markup {
    let line = |key: &str, words: &str| html! { div { dt { kbd { (key) } } dd { (words) } } };
    html! {
        dialog #keys .keys aria-labelledby="keys-title" {
            header {
                h2 #keys-title { "Keys" }
                form method="dialog" { button type="submit" { "Close" } }
            }
            dl {
                @for (path, name, key) in GROUPS.iter().flat_map(|(_, entries)| *entries) { (line(key, if *path == "/" { "Stage, the first page" } else { name })) }
            }
            h3.small.quiet { "On this page" }
            dl #keys-here {}
            h3.small.quiet { "Everywhere" }
            dl {
                (line("d", "dark or light"))
                @if is_live { (line("f", "hold still, or go on")) }
                (line("?", "these keys"))
                (line("Esc", "close"))
            }
        }
    }
}

enum Icon {
    Menu,
    Theme,
}

fn icon(icon: Icon) -> Markup {
    html! {
        svg viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" {
            @match icon {
                Icon::Menu => { path d="M3 5h14M3 10h14M3 15h14" {} }
                Icon::Theme => { circle cx="10" cy="10" r="7.5" {} path d="M10 2.5a7.5 7.5 0 0 1 0 15z" fill="currentColor" stroke="none" {} }
            }
        }
    }
}

/// A door on a ground of the brand's colour, as in the icon.
fn mark() -> Markup {
    html! {
        svg viewBox="0 0 16 16" aria-hidden="true" {
            rect width="16" height="16" rx="4" fill="#e8562a" {}
            path d="M5 3h6v10H5z" fill="#fff" {}
        }
    }
}
