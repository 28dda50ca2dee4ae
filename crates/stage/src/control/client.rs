//! Asking the conductor of a running stage.

use parts::Cache;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::protocol::{Answer, LONGEST_LINE, Request, socket};
use crate::StageError;
use crate::stage_folder::StageFolder;

/// Asks the conductor of the stage with `port_offset` and, where the database is the user's own, that database. Waits for
/// the answer: an act takes seconds at the most, an undo half a minute.
///
/// # Errors
/// [`StageError::NoStage`] where none runs; [`StageError::Control`] where it does not answer.
pub async fn ask(port_offset: u16, database_url: Option<&str>, request: &Request) -> Result<Answer, StageError> {
    let folder = StageFolder::path_of(&Cache::locate()?, port_offset, database_url)?;
    let path = socket(&folder);
    let broken = |source: std::io::Error| StageError::Control { path: path.clone(), source };
    let stream = match UnixStream::connect(&path).await {
        Ok(stream) => stream,
        Err(error) => {
            use std::io::ErrorKind::{ConnectionRefused, NotFound};
            return Err(match error.kind() {
                NotFound | ConnectionRefused => StageError::NoStage,
                _ => broken(error),
            });
        }
    };
    let mut line = serde_json::to_vec(request).map_err(|error| broken(error.into()))?;
    line.push(b'\n');
    let (read, mut write) = stream.into_split();
    write.write_all(&line).await.map_err(broken)?;
    let mut text = String::new();
    BufReader::new(read.take(LONGEST_LINE)).read_line(&mut text).await.map_err(broken)?;
    serde_json::from_str(&text).map_err(|error| broken(error.into()))
}
