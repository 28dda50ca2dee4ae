//! The calibrator: the least that can be done for a request, as a measure of this machine at this moment.
//!
//! A closed loop over raw epoll: one write and one read a request, always the same bytes, the answer known by its length.
//! Kernel cost has modes (5.7 and 7 us a request were seen on one machine within an hour), so a generator's rate says
//! nothing without the calibrator's of the same minute.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::resource::{UsageWho, getrusage};
use serde::Serialize;

use crate::arguments::CalibrateOptions;

/// A server that says nothing for so long is not there any more.
const PATIENCE_MS: u16 = 10_000;

/// What it took.
#[derive(Debug, Serialize)]
struct Cost {
    requests: u64,
    elapsed_seconds: f64,
    user_seconds: f64,
    system_seconds: f64,
    requests_per_cpu_second: f64,
}

/// Runs the loop and prints what it took as JSON.
pub(crate) fn run(options: &CalibrateOptions) -> anyhow::Result<()> {
    let began = Instant::now();
    let request = request(options.port, options.request_bytes.map_or(0, usize::from));
    let requests = closed_loop(options.port, usize::from(options.connections), &request, options.length)?;
    let usage = getrusage(UsageWho::RUSAGE_SELF).context("read what this took")?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let (user_seconds, system_seconds) = (seconds(usage.user_time()), seconds(usage.system_time()));
    let cost = Cost {
        requests,
        elapsed_seconds: began.elapsed().as_secs_f64(),
        user_seconds,
        system_seconds,
        requests_per_cpu_second: requests as f64 / (user_seconds + system_seconds),
    };
    writeln!(io::stdout(), "{}", serde_json::to_string(&cost)?)?;
    Ok(())
}

/// A bare GET, with a header that makes it `bytes` long if it is shorter.
fn request(port: u16, bytes: usize) -> Vec<u8> {
    let bare = format!("GET /products HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n");
    let header = "x-padding: ";
    let missing = bytes.saturating_sub(bare.len() + "\r\n".len());
    let padding = match missing.checked_sub(header.len() + "\r\n".len()) {
        Some(length) => format!("{header}{}\r\n", "x".repeat(length)),
        None => String::new(),
    };
    format!("{bare}{padding}\r\n").into_bytes()
}

/// One request under way on each connection until the time is up; returns how many were answered.
fn closed_loop(port: u16, connections: usize, request: &[u8], length: Duration) -> anyhow::Result<u64> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    let mut streams = Vec::with_capacity(connections);
    for slot in 0..connections {
        let stream = TcpStream::connect(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).context("connect")?;
        stream.set_nodelay(true)?;
        streams.push(stream);
        epoll.add(&streams[slot], EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLET, slot as u64))?;
    }
    let Some(mut first) = streams.first() else { bail!("no connections") };
    first.write_all(request)?;
    let mut buffer = vec![0; 16 * 1024];
    let answer = first.read(&mut buffer)?;
    ensure!(buffer[..answer].starts_with(b"HTTP/1.1 200"), "the server answers otherwise than 200");

    let mut missing = vec![answer; connections];
    for mut stream in &streams {
        stream.set_nonblocking(true)?;
        stream.write_all(request)?;
    }
    let mut events = vec![EpollEvent::empty(); connections];
    let mut answered = 1;
    let deadline = Instant::now() + length;
    while Instant::now() < deadline {
        let ready = match epoll.wait(&mut events, EpollTimeout::from(PATIENCE_MS)) {
            Ok(0) => bail!("the server has not answered for {PATIENCE_MS} ms"),
            Ok(ready) => ready,
            Err(Errno::EINTR) => continue,
            Err(error) => return Err(error).context("wait for answers"),
        };
        for event in &events[..ready] {
            let slot = usize::try_from(event.data()).expect("slots are counted in usize");
            let mut stream = &streams[slot];
            match stream.read(&mut buffer) {
                Ok(0) => bail!("the server closed a connection"),
                Ok(length) => missing[slot] = missing[slot].saturating_sub(length),
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error).context("read an answer"),
            }
            if missing[slot] == 0 {
                answered += 1;
                missing[slot] = answer;
                stream.write_all(request).context("write a request")?;
            }
        }
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_as_long_as_was_asked_for() {
        assert_eq!(request(8080, 0), b"GET /products HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n\r\n");
        let long = request(8080, 368);
        assert_eq!(long.len(), 368);
        assert!(long.ends_with(b"xxx\r\n\r\n"));
    }
}
