//! What moves rows from memory to disk, and from there away: called a few times a second, never under the store's lock
//! while it writes.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use detect::UnixMs;

use crate::disk::account::Account;
use crate::disk::error::StoreError;
use crate::disk::folder::Folder;
use crate::disk::kind::{Held, Kind};
use crate::disk::part::Part;
use crate::disk::words::{Row, Words};
use crate::disk::write::Writing;
use crate::limits::DiskLimits;
use crate::logs::LogChunk;
use crate::metrics::PointChunk;
use crate::shelf::Numbered;
use crate::spans::SpanChunk;
use crate::store::Store;

/// From this share of the memory budget on rows move to disk.
const SPILL_AT: (usize, usize) = (85, 100);
/// Rows are on disk at the latest after this, where they are to outlast the process.
const WRITE_BEHIND_MS: u64 = 60_000;
/// How long a disk is left alone that could not be written to.
const RETRY_MS: u64 = 10_000;

/// The disk side of a store.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: Folder,
    pub(super) limits: DiskLimits,
    is_failing: AtomicBool,
    state: Mutex<State>,
}

/// What is known from one call to the next.
#[derive(Debug, Default)]
struct State {
    spans: Progress,
    logs: Progress,
    points: Progress,
    /// Unix milliseconds.
    retry_at: u64,
    account: Account,
}

/// How far a table's rows are on disk.
#[derive(Debug, Default)]
struct Progress {
    /// Rows before this one were written.
    written: u64,
    /// The open chunk's first row, and when it was first seen here.
    open: Option<(u64, UnixMs)>,
}

/// What was done, for whoever tells people.
#[derive(Debug, Default)]
pub struct Maintained {
    /// Files that were written.
    pub written: u64,
    /// Files that were removed to keep the bounds on disk.
    pub removed: u64,
    /// What went wrong, each told once: a disk that is full, files that turned out damaged.
    pub troubles: Vec<StoreError>,
    /// Whether the disk works again after trouble.
    pub works_again: bool,
}

impl Disk {
    pub(crate) fn new(folder: Folder, limits: DiskLimits) -> Self {
        Self { folder, limits, is_failing: AtomicBool::new(false), state: Mutex::default() }
    }

    /// Whether rows that leave memory can be written.
    pub(crate) fn is_working(&self) -> bool {
        !self.is_failing.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether files outlast the process.
    pub(crate) fn is_kept(&self) -> bool {
        self.folder.is_kept
    }

    fn write<C: Held>(&self, (first, chunk): &Numbered<C>, words: &Words) -> Result<Part<C>, StoreError> {
        let path = self.folder.file(C::TABLE.name, *first);
        let mut writing = Writing::begin(&path)?;
        let mut rows: Vec<_> = (0..chunk.rows()).map(|place| Row { chunk: &**chunk, place, words }).collect();
        writing.group(&mut rows)?;
        writing.finish(self.is_kept())?;
        let mut part = Part::open(&path)?;
        part.numbers = Some(*first..first + chunk.rows() as u64);
        Ok(part)
    }
}

impl State {
    fn progress(&mut self, kind: Kind) -> &mut Progress {
        match kind {
            Kind::Spans => &mut self.spans,
            Kind::Logs => &mut self.logs,
            Kind::Points => &mut self.points,
        }
    }
}

impl Store {
    /// Moves rows to disk and removes what is too old or too much there. To be called a few times a second by whoever
    /// owns the store; blocks while it writes, and nobody waits for it. Does nothing in a store without a disk.
    pub fn maintain(&self, now: UnixMs) -> Maintained {
        let mut done = Maintained::default();
        done.troubles.append(&mut self.kept().troubles);
        let Some(disk) = self.disk() else { return done };
        let mut state = disk.state();
        self.remove_old(disk, now, &mut done);
        if now.0 >= state.retry_at || disk.is_working() {
            match self.write_out(disk, &mut state, now, &mut done) {
                Ok(()) => done.works_again = disk.is_failing.swap(false, Ordering::Relaxed),
                Err(error) => {
                    state.retry_at = now.0 + RETRY_MS;
                    self.kept().counts.writes_failed += 1;
                    if !disk.is_failing.swap(true, Ordering::Relaxed) {
                        done.troubles.push(error);
                    }
                }
            }
        }
        done
    }

    /// Writes everything that is in memory and ends the session in order, where files outlast the process.
    ///
    /// # Errors
    /// Something could not be written.
    pub fn close(&self, now: UnixMs) -> Result<(), StoreError> {
        let Some(disk) = self.disk().filter(|disk| disk.is_kept()) else { return Ok(()) };
        let mut state = disk.state();
        {
            let mut kept = self.kept();
            kept.spans.shelf.seal();
            kept.logs.seal();
            kept.metrics.points.seal();
        }
        self.write_out(disk, &mut state, now, &mut Maintained::default())?;
        let account = Account { is_clean: true, ..Account::new(&self.kept(), disk.folder.session) };
        account.write(disk.folder())
    }

    fn write_out(&self, disk: &Disk, state: &mut State, now: UnixMs, done: &mut Maintained) -> Result<(), StoreError> {
        if disk.is_kept() {
            self.write_behind::<SpanChunk>(disk, state, now, done)?;
            self.write_behind::<LogChunk>(disk, state, now, done)?;
            self.write_behind::<PointChunk>(disk, state, now, done)?;
        }
        let spill_at = self.limits().budget_bytes / SPILL_AT.1 * SPILL_AT.0;
        loop {
            let largest = {
                let kept = self.kept();
                if kept.bytes() <= spill_at { None } else { kept.largest() }
            };
            match largest {
                None => break,
                Some(Kind::Spans) => self.spill::<SpanChunk>(disk, state, done)?,
                Some(Kind::Logs) => self.spill::<LogChunk>(disk, state, done)?,
                Some(Kind::Points) => self.spill::<PointChunk>(disk, state, done)?,
            }
        }
        if disk.is_kept() {
            let account = Account::new(&self.kept(), disk.folder.session);
            if account != state.account {
                account.write(disk.folder())?;
                state.account = account;
            }
        }
        Ok(())
    }

    /// Writes the sealed chunks that are not on disk yet; an open one that has waited long enough is sealed first.
    fn write_behind<C: Held>(
        &self,
        disk: &Disk,
        state: &mut State,
        now: UnixMs,
        done: &mut Maintained,
    ) -> Result<(), StoreError> {
        let progress = state.progress(C::KIND);
        let (waiting, words): (Vec<Numbered<C>>, Words) = {
            let mut kept = self.kept();
            let first = C::shelf(&kept).open_first();
            let is_empty = C::shelf(&kept).next() == first;
            progress.open = match progress.open {
                _ if is_empty => None,
                Some((known, since)) if known == first => Some((known, since)),
                _ => Some((first, now)),
            };
            if progress.open.is_some_and(|(_, since)| now.0.saturating_sub(since.0) >= WRITE_BEHIND_MS) {
                C::shelf_mut(&mut kept).seal();
                progress.open = None;
            }
            let sealed = C::shelf(&kept).sealed();
            let waiting = sealed.skip_while(|(first, _)| *first < progress.written).cloned().collect();
            (waiting, kept.words())
        };
        for chunk in &waiting {
            self.write_one(disk, chunk, &words, progress, done)?;
        }
        Ok(())
    }

    /// Takes the oldest chunk of a table out of memory, once it is on disk.
    fn spill<C: Held>(&self, disk: &Disk, state: &mut State, done: &mut Maintained) -> Result<(), StoreError> {
        let progress = state.progress(C::KIND);
        let (oldest, words) = {
            let mut kept = self.kept();
            if C::shelf(&kept).oldest().is_none() {
                C::shelf_mut(&mut kept).seal();
            }
            let Some(oldest) = C::shelf(&kept).oldest().cloned() else { return Ok(()) };
            (oldest, kept.words())
        };
        if oldest.0 >= progress.written {
            self.write_one(disk, &oldest, &words, progress, done)?;
        }
        let mut kept = self.kept();
        // Unless it was evicted meanwhile.
        if C::shelf(&kept).first() == oldest.0 {
            kept.leave::<C>();
        }
        Ok(())
    }

    fn write_one<C: Held>(
        &self,
        disk: &Disk,
        chunk: &Numbered<C>,
        words: &Words,
        progress: &mut Progress,
        done: &mut Maintained,
    ) -> Result<(), StoreError> {
        let part = disk.write(chunk, words)?;
        progress.written = chunk.0 + chunk.1.rows() as u64;
        done.written += 1;
        let mut kept = self.kept();
        if C::shelf(&kept).first() > chunk.0 {
            // It was evicted and counted while it was written.
            part.doom();
        } else {
            kept.add(part);
        }
        Ok(())
    }
}
