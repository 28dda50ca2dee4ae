//! An HTTP/2 server that writes whatever frames it is told to, for what no well-kept library would send.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::server::{Server, Stream};

const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A frame that came in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) kind: u8,
    flags: u8,
    pub(super) stream: u32,
}

/// A server that says hello with `settings` and answers each frame with the bytes of the script, which is told the
/// number of the connection as well. Where the script says `None`, the connection ends.
pub(super) fn serve(
    settings: &'static [(u16, u32)],
    script: impl Fn(usize, Frame) -> Option<Vec<u8>> + Clone + Send + Sync + 'static,
) -> Server {
    Server::start(None, move |stream, number| {
        let script = script.clone();
        async move {
            // An error here is the client's hanging up.
            let _ = talk(stream, settings, |frame| script(number, frame)).await;
        }
    })
}

async fn talk(
    mut stream: Box<dyn Stream>,
    settings: &[(u16, u32)],
    script: impl Fn(Frame) -> Option<Vec<u8>>,
) -> std::io::Result<()> {
    stream.read_exact(&mut [0; 24]).await?;
    let settings = settings.iter().flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat());
    stream.write_all(&frame(SETTINGS, 0, 0, &settings.collect::<Vec<u8>>())).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut payload).await?;
        let came = Frame { kind: head[3], flags: head[4], stream: u32::from_be_bytes(head[5..].try_into().unwrap()) };
        if came.kind == SETTINGS && came.flags != ACK {
            stream.write_all(&frame(SETTINGS, ACK, 0, &[])).await?;
        }
        match script(came) {
            Some(bytes) => stream.write_all(&bytes).await?,
            None => {
                stream.shutdown().await?;
                // Whatever is still coming has to be read, or closing would be a reset.
                return stream.read_to_end(&mut Vec::new()).await.map(drop);
            }
        }
    }
}

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The whole answer 204 on a stream: `:status` from the static table of header compression.
pub(super) fn no_content(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &[0x89])
}

/// The head of an answer 200 with a `content-length`.
pub(super) fn head(stream: u32, length: &str) -> Vec<u8> {
    // 0x0f 0x0d: a literal value for name 28 of the static table, `content-length`.
    let payload = [&[0x88, 0x0f, 0x0d, u8::try_from(length.len()).unwrap()], length.as_bytes()].concat();
    frame(HEADERS, END_HEADERS, stream, &payload)
}

pub(super) fn last_data(stream: u32, data: &[u8]) -> Vec<u8> {
    frame(DATA, END_STREAM, stream, data)
}

pub(super) fn reset(stream: u32, reason: h2::Reason) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &u32::from(reason).to_be_bytes())
}

/// The server will see no stream after `last`.
pub(super) fn goodbye(last: u32, reason: h2::Reason) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), u32::from(reason).to_be_bytes()].concat())
}
