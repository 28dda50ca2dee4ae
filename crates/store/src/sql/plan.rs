//! How a table will be read: what SQLite says it will ask for, as a text that comes back to us when it asks.

use std::fmt::Write;

use rusqlite::vtab::{IndexConstraintOp, IndexInfo};

use crate::disk::Depth;
use crate::shelf::Chunk;
use crate::sql::column::Read;
use crate::sql::order;
use crate::sql::snapshot::Snapshot;
use crate::sql::tables::Table;

/// How a column is compared. Bounds include their ends: SQLite looks at every row again anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Is,
    /// Any of a list.
    In,
    Null,
    NotNull,
    Least,
    Most,
}

impl How {
    const LETTERS: [(char, Self); 6] = [
        ('=', Self::Is),
        ('i', Self::In),
        ('n', Self::Null),
        ('v', Self::NotNull),
        ('>', Self::Least),
        ('<', Self::Most),
    ];

    /// Whether a value comes with it.
    pub(super) fn has_value(self) -> bool {
        !matches!(self, Self::Null | Self::NotNull)
    }
}

/// A column by which rows come in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct By {
    pub(super) column: usize,
    pub(super) is_descending: bool,
}

/// What is asked of a table. Columns beyond the table's own are attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Comparisons, in the order in which their values come.
    pub(super) asks: Vec<(usize, How)>,
    pub(super) order: Vec<By>,
    /// Whether only the first rows will be wanted.
    pub(super) is_short: bool,
    /// Whether only columns are wanted that a search in files reads.
    pub(super) is_light: bool,
}

impl Plan {
    /// As text.
    fn write(&self) -> String {
        let mut text = String::new();
        for (column, how) in &self.asks {
            let letter = How::LETTERS.iter().find(|(_, other)| other == how).map_or('=', |(letter, _)| *letter);
            let _ = write!(text, "{column}{letter} ");
        }
        for by in &self.order {
            let _ = write!(text, "{}{} ", by.column, if by.is_descending { 'D' } else { 'A' });
        }
        if self.is_short {
            text.push_str("0S ");
        }
        if self.is_light {
            text.push_str("0L ");
        }
        text
    }

    /// How much of each row in a file is wanted.
    pub(super) fn depth(&self) -> Depth {
        if self.is_light { Depth::Light } else { Depth::Whole }
    }

    /// From what [`Plan::write`] wrote.
    pub(super) fn read(text: &str) -> Self {
        let mut plan = Self::default();
        for word in text.split_ascii_whitespace() {
            let (number, letter) = word.split_at(word.len() - 1);
            let (Ok(column), Some(letter)) = (number.parse(), letter.chars().next()) else { continue };
            match letter {
                'A' | 'D' => plan.order.push(By { column, is_descending: letter == 'D' }),
                'S' => plan.is_short = true,
                'L' => plan.is_light = true,
                _ => {
                    let how = How::LETTERS.iter().find(|(other, _)| *other == letter);
                    plan.asks.extend(how.map(|(_, how)| (column, *how)));
                }
            }
        }
        plan
    }
}

/// What of a column can be tested here.
fn is_tested<T: Table>(column: usize, how: How) -> bool {
    use How::{In, Is, Least, Most, NotNull, Null};
    match T::COLUMNS.get(column).map(|column| &column.read) {
        Some(Read::Symbol(_) | Read::Word(_)) => matches!(how, Is | In | Null | NotNull),
        // One by one, each through the index.
        Some(Read::Long(_)) if T::INDEX.is_some_and(|(index, _)| index == column) => how == Is,
        Some(Read::Long(_) | Read::Short(_)) => matches!(how, Is | In),
        Some(Read::Millis(_) | Read::Stretch(..)) => matches!(how, Is | Least | Most),
        Some(Read::Moment(_) | Read::Made(..)) => false,
        None => matches!(how, Is | Null | NotNull | Least | Most),
    }
}

/// Chooses how to read a table for what SQLite will ask, and says what that costs.
pub(super) fn choose<T: Table>(info: &mut IndexInfo, snapshot: &Snapshot) -> rusqlite::Result<()> {
    use IndexConstraintOp as Op;
    let mut plan = Plan::default();
    let held = T::held(snapshot);
    let in_memory = held.chunks.iter().map(|(_, chunk)| chunk.rows() as f64).sum::<f64>();
    let in_files = held.parts.iter().map(|part| part.rows() as f64).sum::<f64>();
    /// Rows in memory that are looked at while one of a file is decoded.
    const DECODING: f64 = 50.0;
    let (mut looked_at, mut found) = (in_memory + in_files * DECODING, in_memory + in_files);
    plan.is_light = is_light::<T>(info.col_used());
    let asked: Vec<(usize, Option<usize>, Op, bool)> = info
        .constraints()
        .enumerate()
        .map(|(at, one)| (at, usize::try_from(one.column()).ok(), one.operator(), one.is_usable()))
        .collect();
    let mut values = 0;
    for (at, column, operator, is_usable) in asked {
        if operator == Op::SQLITE_INDEX_CONSTRAINT_LIMIT {
            plan.is_short = true;
        }
        let (Some(column), true) = (column, is_usable) else { continue };
        let how = match operator {
            Op::SQLITE_INDEX_CONSTRAINT_EQ if info.is_in_constraint(at)? && is_tested::<T>(column, How::In) => How::In,
            // Each value of the list would be another look through all rows.
            Op::SQLITE_INDEX_CONSTRAINT_EQ if info.is_in_constraint(at)? && !is_index::<T>(column) => continue,
            Op::SQLITE_INDEX_CONSTRAINT_EQ => How::Is,
            Op::SQLITE_INDEX_CONSTRAINT_GT | Op::SQLITE_INDEX_CONSTRAINT_GE => How::Least,
            Op::SQLITE_INDEX_CONSTRAINT_LT | Op::SQLITE_INDEX_CONSTRAINT_LE => How::Most,
            Op::SQLITE_INDEX_CONSTRAINT_ISNULL => How::Null,
            Op::SQLITE_INDEX_CONSTRAINT_ISNOTNULL => How::NotNull,
            _ => continue,
        };
        // Texts are compared byte by byte here; NOCASE is for SQLite.
        if !is_tested::<T>(column, how) || (how.has_value() && info.collation(at)? != "BINARY") {
            continue;
        }
        if how == How::In {
            info.set_in_constraint(at, true)?;
        }
        if how.has_value() {
            values += 1;
            info.constraint_usage(at).set_argv_index(values);
        }
        plan.asks.push((column, how));
        if how == How::Is && is_index::<T>(column) {
            (looked_at, found) = (looked_at.min(20.0 + held.parts.len() as f64 * 1000.0), found.min(20.0));
        } else {
            found *= if how == How::Is { 0.1 } else { 0.4 };
        }
    }
    plan.order = info
        .order_bys()
        .map_while(|by| Some(By { column: usize::try_from(by.column()).ok()?, is_descending: by.is_order_by_desc() }))
        .collect();
    // Rows of files are here one part after the other: their order is SQLite's business.
    let is_ours = held.parts.is_empty() && order::is_possible::<T>(&plan.order);
    if plan.order.is_empty() || plan.order.len() < info.num_of_order_by() || !is_ours {
        plan.order.clear();
    } else {
        info.set_order_by_consumed(true);
    }
    // To look at a row and leave it out costs little beside handing it to SQLite.
    let cost = looked_at * 0.05 + found + if plan.order.is_empty() { 0.0 } else { found * 0.2 };
    info.set_estimated_cost(cost.max(1.0));
    info.set_estimated_rows(found.max(1.0) as i64);
    info.set_idx_str(&plan.write());
    Ok(())
}

/// Whether a mask of columns has only those that a search in files reads; its last bit is for all from there on.
fn is_light<T: Table>(used: u64) -> bool {
    let light = T::COLUMNS.iter().enumerate().filter(|(_, column)| !column.is_heavy);
    let mask = light.filter(|(index, _)| *index < 63).fold(0u64, |mask, (index, _)| mask | 1 << index);
    used & !mask == 0
}

fn is_index<T: Table>(column: usize) -> bool {
    T::INDEX.is_some_and(|(index, _)| index == column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_comes_back_from_its_text() {
        let by = |column, is_descending| By { column, is_descending };
        let plan = Plan {
            asks: How::LETTERS.iter().enumerate().map(|(column, (_, how))| (column * 7, *how)).collect(),
            order: vec![by(3, true), by(12, false)],
            is_short: true,
            is_light: true,
        };
        assert_eq!(Plan::read(&plan.write()), plan);
        assert_eq!(Plan::read(""), Plan::default());
    }
}
