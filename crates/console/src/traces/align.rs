//! Two trees of spans laid beside each other.
//!
//! Root stands beside root. Below a pair, children are matched by service, kind and operation, in order, so that as much
//! as possible matches: the longest common subsequence, in which a match that only agrees in service, kind and the first
//! word of the operation (`GET`, `SELECT`) counts less than a full one. What has no match stands alone, with all below it.

use std::collections::HashMap;

use crate::traces::tree::{Node, Tree};

/// One row of two traces; numbers are nodes of their trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pair {
    Both(usize, usize),
    OnlyA(usize),
    OnlyB(usize),
}

/// A pair and how many pairs are above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Aligned {
    pub(crate) pair: Pair,
    pub(crate) depth: usize,
}

/// The same work: service, kind and operation.
const SAME: u32 = 3;
/// Work of the same sort: service, kind and first word of the operation.
const ALIKE: u32 = 1;
/// Children that are compared each with every other; of longer lists one stretch of this length after the other is.
const WINDOW: usize = 2000;

/// The pairs of two trees, parents before children.
pub(crate) fn align(a: &Tree<'_>, b: &Tree<'_>) -> Vec<Aligned> {
    let below = (a.below(), b.below());
    let (work_a, work_b) = Work::of_both(a, b);
    let likeness = |left: usize, right: usize| work_a[left].likeness(work_b[right]);
    let mut aligned = Vec::with_capacity(a.nodes.len().max(b.nodes.len()));
    let mut stack: Vec<Aligned> = Vec::new();
    push_reversed(&mut stack, roots(a, b, likeness), 0);
    while let Some(next) = stack.pop() {
        aligned.push(next);
        let alone = |tree: &Tree<'_>, below: &[usize], node: usize, pair: fn(usize) -> Pair| {
            let depth = |inner: usize| next.depth + tree.nodes[inner].depth - tree.nodes[node].depth;
            (node + 1..=node + below[node])
                .map(|inner| Aligned { pair: pair(inner), depth: depth(inner) })
                .collect::<Vec<_>>()
        };
        match next.pair {
            Pair::Both(in_a, in_b) => {
                let pairs = lay(&a.nodes[in_a].children, &b.nodes[in_b].children, likeness);
                push_reversed(&mut stack, pairs, next.depth + 1);
            }
            Pair::OnlyA(node) => aligned.extend(alone(a, &below.0, node, Pair::OnlyA)),
            Pair::OnlyB(node) => aligned.extend(alone(b, &below.1, node, Pair::OnlyB)),
        }
    }
    aligned
}

fn push_reversed(stack: &mut Vec<Aligned>, pairs: Vec<Pair>, depth: usize) {
    stack.extend(pairs.into_iter().rev().map(|pair| Aligned { pair, depth }));
}

/// The roots that stand for the traces are a pair whatever they are called: somebody chose to compare them.
fn roots(a: &Tree<'_>, b: &Tree<'_>, likeness: impl Fn(usize, usize) -> u32 + Copy) -> Vec<Pair> {
    let (all_a, all_b) = (a.roots(), b.roots());
    let (Some(main_a), Some(main_b)) = (a.main_root(), b.main_root()) else {
        return lay(&all_a, &all_b, likeness);
    };
    let split = |all: &[usize], main: usize| all.iter().position(|root| *root == main).unwrap_or(0);
    let (at_a, at_b) = (split(&all_a, main_a), split(&all_b, main_b));
    let mut pairs = lay(&all_a[..at_a], &all_b[..at_b], likeness);
    pairs.push(Pair::Both(main_a, main_b));
    pairs.extend(lay(&all_a[at_a + 1..], &all_b[at_b + 1..], likeness));
    pairs
}

/// What a span does, as two numbers that can be compared quickly.
#[derive(Debug, Clone, Copy)]
struct Work {
    /// Service, kind and operation.
    same: usize,
    /// Service, kind and first word of the operation.
    alike: usize,
}

impl Work {
    /// Of every node of both trees.
    fn of_both(a: &Tree<'_>, b: &Tree<'_>) -> (Vec<Self>, Vec<Self>) {
        let mut same = HashMap::new();
        let mut alike = HashMap::new();
        let mut of = |tree: &Tree<'_>| {
            let number = |node: &Node<'_>| {
                let span = node.span;
                let word = span.name.split_whitespace().next().unwrap_or_default().to_owned();
                let (same_next, alike_next) = (same.len(), alike.len());
                Self {
                    same: *same.entry((span.service.clone(), span.kind, span.name.clone())).or_insert(same_next),
                    alike: *alike.entry((span.service.clone(), span.kind, word)).or_insert(alike_next),
                }
            };
            tree.nodes.iter().map(number).collect()
        };
        (of(a), of(b))
    }

    /// How much two spans are the same work; nothing at all is zero.
    fn likeness(self, other: Self) -> u32 {
        match (self.same == other.same, self.alike == other.alike) {
            (true, _) => SAME,
            (false, true) => ALIKE,
            (false, false) => 0,
        }
    }
}

/// Matches two lists in order, so that the likeness of all matches together is greatest.
fn lay(a: &[usize], b: &[usize], likeness: impl Fn(usize, usize) -> u32) -> Vec<Pair> {
    let same = |(left, right): (&usize, &usize)| likeness(*left, *right) == SAME;
    // Nothing is better than a full match: equal beginnings and ends need no search.
    let first = a.iter().zip(b).take_while(|pair| same(*pair)).count();
    let (rest_a, rest_b) = (&a[first..], &b[first..]);
    let last = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|pair| same(*pair)).count();
    let (middle_a, middle_b) = (&rest_a[..rest_a.len() - last], &rest_b[..rest_b.len() - last]);
    let both = |(left, right): (&usize, &usize)| Pair::Both(*left, *right);
    let mut pairs: Vec<Pair> = a[..first].iter().zip(&b[..first]).map(both).collect();
    by_windows(middle_a, middle_b, &likeness, &mut pairs);
    pairs.extend(rest_a[rest_a.len() - last..].iter().zip(&rest_b[rest_b.len() - last..]).map(both));
    pairs
}

/// The best matches of one window after the other; of each but the last only the first half counts, because a window
/// cannot see what would match behind its end.
fn by_windows(a: &[usize], b: &[usize], likeness: &impl Fn(usize, usize) -> u32, pairs: &mut Vec<Pair>) {
    let (mut rest_a, mut rest_b) = (a, b);
    loop {
        let (window_a, window_b) = (&rest_a[..rest_a.len().min(WINDOW)], &rest_b[..rest_b.len().min(WINDOW)]);
        let mut found = Vec::new();
        best(window_a, window_b, likeness, &mut found);
        if window_a.len() == rest_a.len() && window_b.len() == rest_b.len() {
            pairs.extend(found);
            return;
        }
        let (mut used_a, mut used_b) = (0, 0);
        for pair in found {
            if used_a > WINDOW / 2 || used_b > WINDOW / 2 {
                break;
            }
            used_a += usize::from(!matches!(pair, Pair::OnlyB(_)));
            used_b += usize::from(!matches!(pair, Pair::OnlyA(_)));
            pairs.push(pair);
        }
        (rest_a, rest_b) = (&rest_a[used_a..], &rest_b[used_b..]);
    }
}

/// The best matches, by the table of what all rests can score.
fn best(a: &[usize], b: &[usize], likeness: &impl Fn(usize, usize) -> u32, pairs: &mut Vec<Pair>) {
    let width = b.len() + 1;
    // What the rests from (i, j) on can score at most.
    let mut scores = vec![0u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let score = likeness(a[i], b[j]);
            let matched = if score > 0 { score + scores[(i + 1) * width + j + 1] } else { 0 };
            scores[i * width + j] = matched.max(scores[(i + 1) * width + j]).max(scores[i * width + j + 1]);
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let score = likeness(a[i], b[j]);
        let here = scores[i * width + j];
        if score > 0 && here == score + scores[(i + 1) * width + j + 1] {
            pairs.push(Pair::Both(a[i], b[j]));
            (i, j) = (i + 1, j + 1);
        } else if here == scores[(i + 1) * width + j] {
            pairs.push(Pair::OnlyA(a[i]));
            i += 1;
        } else {
            pairs.push(Pair::OnlyB(b[j]));
            j += 1;
        }
    }
    pairs.extend(a[i..].iter().map(|left| Pair::OnlyA(*left)));
    pairs.extend(b[j..].iter().map(|right| Pair::OnlyB(*right)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::made::{called, span, trace};
    use store::SpanView;

    /// `depth name|name` for each row; a dash where there is none.
    fn read(a: Vec<SpanView>, b: Vec<SpanView>) -> Vec<String> {
        let (a, b) = (trace(a), trace(b));
        let (a, b) = (Tree::new(&a), Tree::new(&b));
        let name = |tree: &Tree<'_>, node: usize| tree.nodes[node].span.name.clone();
        let row = |row: &Aligned| {
            let (left, right) = match row.pair {
                Pair::Both(left, right) => (name(&a, left), name(&b, right)),
                Pair::OnlyA(left) => (name(&a, left), "-".into()),
                Pair::OnlyB(right) => ("-".into(), name(&b, right)),
            };
            format!("{} {left}|{right}", row.depth)
        };
        align(&a, &b).iter().map(row).collect()
    }

    /// A root with these children, one after the other.
    fn root_with(names: &[&str]) -> Vec<SpanView> {
        let child = |(at, name): (usize, &&str)| called(span(&format!("c{at}"), "r", at as u64, 1), "s", name);
        let mut spans = vec![called(span("r", "", 0, 100), "s", "root")];
        spans.extend(names.iter().enumerate().map(child));
        spans
    }

    #[test]
    fn children_are_matched_by_what_they_do_and_in_order() {
        type Case = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);
        let table: [Case; 7] = [
            ("the same", &["x", "y"], &["x", "y"], &["x|x", "y|y"]),
            ("one missing in the middle", &["x", "y", "z"], &["x", "z"], &["x|x", "y|-", "z|z"]),
            ("one more at the start", &["x"], &["w", "x"], &["-|w", "x|x"]),
            ("repeats", &["x", "x"], &["x", "x", "x"], &["x|x", "x|x", "-|x"]),
            ("nothing in common", &["x"], &["y"], &["x|-", "-|y"]),
            ("another operation of the same sort", &["GET /a", "y"], &["GET /b", "y"], &["GET /a|GET /b", "y|y"]),
            (
                "a full match before one of the same sort",
                &["GET /a"],
                &["GET /b", "GET /a"],
                &["-|GET /b", "GET /a|GET /a"],
            ),
        ];
        for (what, a, b, expected) in table {
            let rows = read(root_with(a), root_with(b));
            let expected: Vec<String> = expected.iter().map(|row| format!("1 {row}")).collect();
            assert_eq!(rows[0], "0 root|root", "{what}");
            assert_eq!(rows[1..], expected, "{what}");
        }
    }

    #[test]
    fn roots_stand_beside_each_other_whatever_they_are_called_and_what_is_alone_brings_all_below_it() {
        let a = vec![
            called(span("r", "", 0, 50), "frontend", "GET /products"),
            called(span("p", "r", 1, 9), "payment", "pay"),
            called(span("q", "p", 2, 3), "payment", "charge"),
        ];
        let b = vec![
            called(span("x", "gone", 0, 5), "lost", "orphan"),
            called(span("r", "", 0, 50), "load", "POST /checkout"),
        ];
        let expected = ["0 -|orphan", "0 GET /products|POST /checkout", "1 pay|-", "2 charge|-"];
        assert_eq!(read(a, b), expected);
    }

    #[test]
    fn the_same_name_in_another_service_is_other_work() {
        let a = vec![span("r", "", 0, 9), called(span("c", "r", 1, 1), "one", "x")];
        let b = vec![span("r", "", 0, 9), called(span("c", "r", 1, 1), "two", "x")];
        assert_eq!(read(a, b), ["0 r|r", "1 x|-", "1 -|x"]);
    }

    #[test]
    fn thousands_of_children_are_matched_too() {
        let names: Vec<String> = (0..6000).map(|n| format!("n{}", n % 7)).collect();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let without_some: Vec<&str> =
            all.iter().enumerate().filter(|(at, _)| at % 10 != 3).map(|(_, name)| *name).collect();
        let rows = read(root_with(&all), root_with(&without_some));
        let both = rows.iter().filter(|row| !row.contains('-')).count();
        assert!(both > 5350, "{both} of 5401");
        let seen = rows.iter().filter(|row| !row.ends_with("|-")).count();
        assert_eq!(seen, 5401, "every span of b has its row");
    }
}
