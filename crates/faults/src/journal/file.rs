//! The journal's file: JSON lines, only ever appended, each on disk before anything else happens.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::{Timestamp, TimestampRound, Unit};
use rustix::fs::FlockOperation;

use crate::FaultError;
use crate::kinds::Undo;

use super::{Record, State, Step};

/// One act as the journal knows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Act {
    pub(crate) number: u64,
    pub(crate) fault: String,
    pub(crate) state: State,
    /// When it was intended, RFC 3339 in UTC.
    pub(crate) since: String,
    pub(crate) undo: Undo,
}

/// What a journal says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Contents {
    /// In the order in which they were intended.
    pub(crate) acts: Vec<Act>,
    /// Lines, counted from 1, that are no legal record, with the reason.
    pub(crate) corrupt: Vec<(usize, String)>,
    /// Bytes up to the end of the last whole line.
    whole: u64,
}

impl Contents {
    /// Acts that may have to be put back, the last one first.
    pub(crate) fn open_acts(&self) -> impl Iterator<Item = &Act> {
        self.acts.iter().rev().filter(|a| a.state.is_open())
    }

    fn parse(text: &[u8]) -> Self {
        let mut contents = Self::default();
        // A last line without its end was torn by a crash: its act had not begun, or its outcome is not known.
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |last| last + 1);
        contents.whole = whole as u64;
        for (index, line) in text[..whole].split(|b| *b == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let noted =
                serde_json::from_slice(line).map_err(|e| e.to_string()).and_then(|record| contents.note(record));
            if let Err(reason) = noted {
                contents.corrupt.push((index + 1, reason));
            }
        }
        contents
    }

    fn note(&mut self, record: Record) -> Result<(), String> {
        let to = record.step.state();
        let act = self.acts.iter_mut().find(|a| a.number == record.act);
        State::step(&record.fault, act.as_ref().map(|a| a.state), to).map_err(|e| e.to_string())?;
        let Record { at, act: number, fault, step } = record;
        match (act, step) {
            (Some(act), _) => act.state = to,
            (None, Step::Intended { undo }) => self.acts.push(Act { number, fault, state: to, since: at, undo }),
            (None, _) => unreachable!("only `intended` begins an act"),
        }
        Ok(())
    }
}

/// A journal that this process alone may write to.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    contents: Contents,
}

impl Journal {
    /// Opens `path` (created if need be) and takes its lock, which ends with this process.
    pub(crate) fn open(path: &Path) -> Result<Self, FaultError> {
        let trouble = |source| FaultError::Journal { path: path.to_owned(), source };
        let file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(trouble)?;
        if !file.metadata().map_err(trouble)?.is_file() {
            return Err(trouble(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")));
        }
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(FaultError::Busy { path: path.to_owned() });
            }
            Err(errno) => return Err(trouble(errno.into())),
        }
        sync_dir(path).map_err(trouble)?;
        let mut text = Vec::new();
        (&file).read_to_end(&mut text).map_err(trouble)?;
        Ok(Self { path: path.to_owned(), file, contents: Contents::parse(&text) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Begins an act. When this returns, its undo is on disk.
    pub(crate) fn intend(&mut self, fault: &str, undo: Undo) -> Result<u64, FaultError> {
        let act = self.contents.acts.iter().map(|a| a.number).max().unwrap_or(0) + 1;
        self.append(act, fault, Step::Intended { undo })?;
        Ok(act)
    }

    /// Writes the next step of an act. A step that is not legal is not written.
    pub(crate) fn record(&mut self, act: u64, step: Step) -> Result<(), FaultError> {
        let fault = self.contents.acts.iter().find(|a| a.number == act).map(|a| a.fault.clone()).unwrap_or_default();
        self.append(act, &fault, step)
    }

    fn append(&mut self, act: u64, fault: &str, step: Step) -> Result<(), FaultError> {
        let from = self.contents.acts.iter().find(|a| a.number == act).map(|a| a.state);
        State::step(fault, from, step.state())?;
        let record = Record { at: now(), act, fault: fault.to_owned(), step };
        let written = self.write(&record);
        let length = written.map_err(|source| FaultError::Journal { path: self.path.clone(), source })?;
        self.contents.whole = length;
        // Checked above: the only reason to be refused.
        let _ = self.contents.note(record);
        Ok(())
    }

    /// Returns the file's new length. After an error, what was half written is overwritten by the next record.
    fn write(&mut self, record: &Record) -> io::Result<u64> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.cut()?;
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_all());
        if let Err(error) = written {
            let _ = self.cut();
            return Err(error);
        }
        Ok(self.contents.whole + line.len() as u64)
    }

    fn cut(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() > self.contents.whole {
            self.file.set_len(self.contents.whole)?;
        }
        self.file.seek(SeekFrom::Start(self.contents.whole)).map(|_| ())
    }
}

/// Reads the journal at `path` without taking its lock; one that is not there is empty.
pub(crate) fn read(path: &Path) -> Result<Contents, FaultError> {
    match fs::read(path) {
        Ok(text) => Ok(Contents::parse(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Contents::default()),
        Err(source) => Err(FaultError::Journal { path: path.to_owned(), source }),
    }
}

/// A new file's name is on disk only once its folder is.
fn sync_dir(path: &Path) -> io::Result<()> {
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()
}

fn now() -> String {
    let now = Timestamp::now();
    now.round(TimestampRound::new().smallest(Unit::Millisecond)).unwrap_or(now).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undo() -> Undo {
        let undo = serde_json::json!({"kind": "lock_table", "table": "s.t", "gid": "doorbuster-a-1"});
        serde_json::from_value(undo).expect("an undo")
    }

    #[test]
    fn an_act_is_read_back_as_it_was_written() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("faults.jsonl");
        let mut journal = Journal::open(&path).expect("opened");
        let first = journal.intend("a", undo()).expect("written");
        let second = journal.intend("b", undo()).expect("written");
        journal.record(first, Step::Applied).expect("written");
        journal.record(second, Step::Undoing).expect("written");
        journal.record(second, Step::Undone { seen: "it is back".into() }).expect("written");
        let contents = read(&path).expect("read");
        assert_eq!(contents.acts, journal.contents().acts);
        let open: Vec<_> = contents.open_acts().map(|a| (a.fault.as_str(), a.state)).collect();
        assert_eq!(open, [("a", State::Applied)]);
    }

    #[test]
    fn a_torn_last_line_is_forgotten_and_overwritten() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("faults.jsonl");
        let act = Journal::open(&path).expect("opened").intend("a", undo()).expect("written");
        let whole = fs::read(&path).expect("read");
        let mut torn = whole.clone();
        torn.extend_from_slice(br#"{"at":"2026-01-01T00:00:00Z","act":1,"fau"#);
        fs::write(&path, torn).expect("torn");
        let mut journal = Journal::open(&path).expect("opened");
        assert!(journal.contents().corrupt.is_empty());
        journal.record(act, Step::Applied).expect("written");
        drop(journal);
        let text = fs::read(&path).expect("read");
        assert!(text.starts_with(&whole) && text.ends_with(b"\"applied\"}\n"), "{}", String::from_utf8_lossy(&text));
    }

    #[test]
    fn a_journal_cut_anywhere_is_a_journal_of_its_whole_lines() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("faults.jsonl");
        let mut journal = Journal::open(&path).expect("opened");
        let act = journal.intend("a", undo()).expect("written");
        journal.record(act, Step::Applied).expect("written");
        let text = fs::read(&path).expect("read");
        for length in 0..=text.len() {
            let contents = Contents::parse(&text[..length]);
            let lines = text[..length].iter().filter(|b| **b == b'\n').count();
            let expected = [None, Some(State::Intended), Some(State::Applied)][lines];
            assert_eq!(contents.acts.first().map(|a| a.state), expected, "{length} bytes");
            assert!(contents.corrupt.is_empty());
        }
    }

    #[test]
    fn a_line_that_is_no_record_is_named_and_hides_no_other() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("faults.jsonl");
        Journal::open(&path).expect("opened").intend("a", undo()).expect("written");
        let mut text = b"garbage\n".to_vec();
        text.extend(fs::read(&path).expect("read"));
        let contents = Contents::parse(&text);
        assert_eq!(contents.corrupt.iter().map(|c| c.0).collect::<Vec<_>>(), [1]);
        assert_eq!(contents.open_acts().count(), 1);
    }

    #[test]
    fn a_second_conductor_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("faults.jsonl");
        let first = Journal::open(&path).expect("opened");
        assert!(matches!(Journal::open(&path), Err(FaultError::Busy { .. })));
        drop(first);
        Journal::open(&path).expect("opened");
    }

    #[test]
    fn an_illegal_step_is_not_written() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("faults.jsonl");
        let mut journal = Journal::open(&path).expect("opened");
        let act = journal.intend("a", undo()).expect("written");
        let before = fs::read(&path).expect("read");
        assert!(matches!(journal.record(act, Step::Undone { seen: String::new() }), Err(FaultError::Illegal(_))));
        assert!(matches!(journal.record(act + 1, Step::Applied), Err(FaultError::Illegal(_))));
        assert_eq!(fs::read(&path).expect("read"), before);
    }
}
