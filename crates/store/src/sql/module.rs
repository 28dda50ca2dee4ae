//! The thin layer that SQLite calls: tables and cursors as it wants them. No panic gets through to it.

use std::ffi::c_int;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::{FromSql, Value};
use rusqlite::vtab::{
    Context, Filters, IndexInfo, VTab, VTabConnection, VTabCursor, eponymous_only_module, escape_double_quote,
    sqlite3_vtab, sqlite3_vtab_cursor,
};
use rusqlite::{Connection, Error, Result};

use crate::sql::plan::{How, Plan, choose};
use crate::sql::scan::{Scan, Shared};
use crate::sql::source::value;
use crate::sql::tables::Table;
use crate::sql::test::Asked;

/// Makes a table known to a connection.
pub(super) fn register<T: Table>(connection: &Connection, shared: &Arc<Shared>) -> Result<()> {
    connection.create_module(T::NAME, eponymous_only_module::<Whole<T>>(), Some(Arc::clone(shared)))
}

/// A table as SQLite has it.
#[repr(C)]
struct Whole<T: Table> {
    /// Must come first: SQLite knows no more of it.
    base: sqlite3_vtab,
    shared: Arc<Shared>,
    table: PhantomData<T>,
}

/// A cursor as SQLite has it.
#[repr(C)]
struct Cursor<T: Table> {
    /// Must come first: SQLite knows no more of it.
    base: sqlite3_vtab_cursor,
    scan: Scan<T>,
}

#[expect(unsafe_code, reason = "the trait asks for a promise: `repr(C)`, and `base` comes first")]
// SAFETY: `Whole` is `repr(C)` and begins with a `sqlite3_vtab`.
unsafe impl<'vtab, T: Table> VTab<'vtab> for Whole<T> {
    type Aux = Arc<Shared>;
    type Cursor = Cursor<T>;

    fn connect(_: &mut VTabConnection, aux: Option<&Arc<Shared>>, _: &[&[u8]]) -> Result<(String, Self)> {
        let shared = aux.cloned().ok_or_else(|| Error::ModuleError("a table without a snapshot".into()))?;
        let declared = guarded(|| Ok(declare::<T>(&shared)))?;
        Ok((declared, Self { base: sqlite3_vtab::default(), shared, table: PhantomData }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> Result<()> {
        guarded(|| choose::<T>(info, &self.shared.snapshot))
    }

    fn open(&'vtab mut self) -> Result<Cursor<T>> {
        Ok(Cursor { base: sqlite3_vtab_cursor::default(), scan: Scan::new(Arc::clone(&self.shared)) })
    }
}

/// The table in SQL, with a column for each attribute that anything ever had.
fn declare<T: Table>(shared: &Shared) -> String {
    let mut columns: Vec<String> = Vec::new();
    for column in T::COLUMNS {
        let hidden = if column.is_hidden { " HIDDEN" } else { "" };
        columns.push(format!("{} {}{hidden}", column.name, column.sql_type()));
    }
    let is_taken = |key: &str| T::COLUMNS.iter().any(|column| column.name.eq_ignore_ascii_case(key));
    for (index, (key, _)) in shared.snapshot.keys.iter().enumerate() {
        // Columns are counted: a key whose name is taken gets one that nobody will ask for.
        let name = if is_taken(key) { format!("\u{1}{index}") } else { key.clone() };
        columns.push(format!("\"{}\" HIDDEN", escape_double_quote(&name)));
    }
    format!("CREATE TABLE x({})", columns.join(", "))
}

#[expect(unsafe_code, reason = "the trait asks for a promise: `repr(C)`, and `base` comes first")]
// SAFETY: `Cursor` is `repr(C)` and begins with a `sqlite3_vtab_cursor`.
unsafe impl<T: Table> VTabCursor for Cursor<T> {
    fn filter(&mut self, _: c_int, plan: Option<&str>, values: &Filters<'_>) -> Result<()> {
        guarded(|| {
            let plan = Plan::read(plan.unwrap_or_default());
            let mut asked = Asked::default();
            let mut at = 0;
            for ask in &plan.asks {
                let mut given: Vec<Value> = Vec::new();
                if ask.1 == How::In {
                    let mut list = values.in_values(at)?;
                    while let Some(value) = list.next()? {
                        given.push(Value::column_result(value)?);
                    }
                } else if ask.1.has_value() {
                    given.push(values.get(at)?);
                }
                at += usize::from(ask.1.has_value());
                asked.0.push((*ask, given));
            }
            self.scan.begin(plan, asked)
        })
    }

    fn next(&mut self) -> Result<()> {
        guarded(|| self.scan.advance())
    }

    fn eof(&self) -> bool {
        self.scan.is_over()
    }

    fn column(&self, context: &mut Context, index: c_int) -> Result<()> {
        guarded(|| {
            let Some((source, chunk, place)) = self.scan.row() else { return Ok(()) };
            let index = usize::try_from(index).unwrap_or(0);
            context.set_result(&value::<T>(&source, chunk, place, index))
        })
    }

    fn rowid(&self) -> Result<i64> {
        guarded(|| Ok(self.scan.number()))
    }
}

/// A panic that got to SQLite would end the process; it becomes an error of the question.
fn guarded<R>(work: impl FnOnce() -> Result<R>) -> Result<R> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Error::UnwindingPanic))
}
