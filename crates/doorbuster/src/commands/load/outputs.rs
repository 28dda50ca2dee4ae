//! Where a judged report goes: files that are opened before anything is sent, and standard output.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::arguments::Outputs;
use crate::exit::UsageError;
use crate::output;
use crate::output::load::{Judged, document, html, junit, summary};

/// Files that can be written, and what goes to standard output.
#[derive(Debug)]
pub(super) struct Files {
    json: bool,
    out: Option<(PathBuf, File)>,
    html: Option<(PathBuf, File)>,
    junit: Option<(PathBuf, File)>,
}

impl Files {
    /// Creates them: a path that can't be written to must not be found out after an hour of load.
    pub(super) fn open(outputs: &Outputs) -> Result<Self, UsageError> {
        Ok(Self {
            json: outputs.json,
            out: create(outputs.out.as_deref())?,
            html: create(outputs.html.as_deref())?,
            junit: create(outputs.junit.as_deref())?,
        })
    }

    pub(super) fn write(self, judged: &Judged) -> anyhow::Result<()> {
        let json = if self.json || self.out.is_some() { document::render(judged)? } else { String::new() };
        write(self.out, &json)?;
        if self.html.is_some() {
            write(self.html, &html::render(judged))?;
        }
        if self.junit.is_some() {
            write(self.junit, &junit::render(judged))?;
        }
        if self.json {
            output::line(&json);
        } else {
            summary::print(judged);
        }
        Ok(())
    }
}

fn create(path: Option<&Path>) -> Result<Option<(PathBuf, File)>, UsageError> {
    let Some(path) = path else { return Ok(None) };
    let file = File::create(path).map_err(|e| UsageError(format!("{} can't be written: {e}", path.display())))?;
    Ok(Some((path.to_owned(), file)))
}

fn write(file: Option<(PathBuf, File)>, text: &str) -> anyhow::Result<()> {
    let Some((path, mut file)) = file else { return Ok(()) };
    file.write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { file.write_all(b"\n") })
        .with_context(|| format!("{} can't be written", path.display()))
}
