//! Where a judged report goes: standard output, and files that are replaced once their new text is whole.
//!
//! Before anything is sent it is found out whether they can be written. That leaves them as they are: a run that comes to
//! nothing must not cost the report of the one before.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::arguments::Outputs;
use crate::exit::UsageError;
use crate::output;
use crate::output::load::{Judged, document, html, junit, summary};

/// Files that can be written, and what goes to standard output.
#[derive(Debug)]
pub(super) struct Files {
    json: bool,
    out: Option<Target>,
    html: Option<Target>,
    junit: Option<Target>,
}

impl Files {
    /// Looks whether they can be written, which must not be found out after an hour of load.
    ///
    /// # Errors
    /// One can't be written, is one of `inputs`, or is named twice.
    pub(super) fn open<'p>(outputs: &Outputs, inputs: impl IntoIterator<Item = &'p Path>) -> Result<Self, UsageError> {
        let mut taken: Vec<(PathBuf, &str)> = inputs.into_iter().map(|path| (place(path), "what is read")).collect();
        let mut target = |path: Option<&Path>, option: &'static str| {
            let Some(path) = path else { return Ok(None) };
            let place = place(path);
            if !is_special(path) {
                if let Some((_, other)) = taken.iter().find(|(taken, _)| *taken == place) {
                    return Err(UsageError(format!(
                        "{option} {} would write over {other}: give another file",
                        path.display()
                    )));
                }
                taken.push((place.clone(), option));
            }
            Target::new(path, place).map(Some).map_err(|e| UsageError(cannot(path, &e)))
        };
        Ok(Self {
            json: outputs.json,
            out: target(outputs.out.as_deref(), "--out")?,
            html: target(outputs.html.as_deref(), "--html")?,
            junit: target(outputs.junit.as_deref(), "--junit")?,
        })
    }

    /// Writes all that can be written: what took an hour to measure must not be lost because of one of them.
    ///
    /// # Errors
    /// All that could not.
    pub(super) fn write(self, judged: &Judged) -> anyhow::Result<()> {
        let json = if self.json || self.out.is_some() { document::render(judged)? } else { String::new() };
        let said = if self.json { output::result(&json) } else { summary::print(judged) };
        let mut problems: Vec<String> = said.err().map(|error| error.to_string()).into_iter().collect();
        let mut write = |target: Option<Target>, text: &dyn Fn() -> String| {
            if let Some(target) = target {
                let path = target.path.clone();
                problems.extend(target.write(text()).err().map(|e| cannot(&path, &e)));
            }
        };
        write(self.out, &|| json.clone());
        write(self.html, &|| html::render(judged));
        write(self.junit, &|| junit::render(judged));
        anyhow::ensure!(problems.is_empty(), "{}", problems.join("; "));
        Ok(())
    }
}

/// A file that can be written.
#[derive(Debug)]
struct Target {
    /// As it was given.
    path: PathBuf,
    /// The file itself, where `path` is a link to it.
    place: PathBuf,
    /// Where it can't be replaced: it is a pipe or a device, or nothing can be put beside it.
    open: Option<File>,
}

impl Target {
    fn new(path: &Path, place: PathBuf) -> io::Result<Self> {
        let existing =
            if place.exists() || path.exists() { Some(OpenOptions::new().write(true).open(path)?) } else { None };
        let open = match (existing, beside(&place)) {
            (Some(file), _) if is_special(path) => Some(file),
            (Some(file), Err(_)) => Some(file),
            (None, Err(error)) => return Err(error),
            (_, Ok(_)) => None,
        };
        Ok(Self { path: path.to_owned(), place, open })
    }

    fn write(self, mut text: String) -> io::Result<()> {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let Some(mut file) = self.open else { return replace(&self.place, &text) };
        if file.metadata()?.is_file() {
            file.set_len(0)?;
        }
        file.write_all(text.as_bytes())
    }
}

/// With a file of the same name and permissions, at once.
fn replace(place: &Path, text: &str) -> io::Result<()> {
    let mut new = beside(place)?;
    if let Ok(old) = place.metadata() {
        new.as_file().set_permissions(old.permissions())?;
    }
    new.write_all(text.as_bytes())?;
    match new.persist(place) {
        Ok(_) => Ok(()),
        // A file that is mounted on its own can't be replaced, only written over.
        Err(_) if place.exists() => std::fs::write(place, text),
        Err(error) => Err(error.error),
    }
}

/// A file in the folder of `place` that is gone when it is dropped.
fn beside(place: &Path) -> io::Result<NamedTempFile> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // As any new file; the umask takes away what it should not have.
    let permissions = Permissions::from_mode(0o666);
    let new = tempfile::Builder::new().prefix(".doorbuster-").permissions(permissions).tempfile_in(folder);
    // Its text names a file that nobody asked for.
    new.map_err(|error| error.kind().into())
}

/// `path` without links, so that two names of one file are equal.
fn place(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match (folder.canonicalize(), path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => path.to_owned(),
        }
    })
}

/// A pipe or a device: it has nothing to lose, and must stay one.
fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|of| !of.is_file())
}

fn cannot(path: &Path, error: &io::Error) -> String {
    format!("{} can't be written: {error}", path.display())
}
