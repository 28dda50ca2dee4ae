//! The fixed-response server: one thread, one epoll, HTTP/1.1 with keep-alive on loopback.
//!
//! It costs about what the calibrator costs, nearly all of it in the kernel: two system calls a request. It looks for the
//! end of a request and for nothing else, so any path, method and body gets the same answer.
mod answer;
mod behaviour;
mod connection;
mod control;
mod request;

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::os::fd::AsFd as _;

use anyhow::Context as _;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{Backlog, listen, setsockopt, sockopt};
use nix::time::ClockId;

use self::answer::Answers;
use self::behaviour::{Held, Holding, Stalls};
use self::connection::{Connection, State};
use self::control::{Inbox, tell};
use crate::arguments::ServerOptions;
use crate::machine::{clock_ns, monotonic_ns, raise_open_files, stay_on};

pub(crate) use self::control::{Arrivals, Stall, Stats, Word};

const LISTENER: u64 = u64::MAX;
const CONTROL: u64 = u64::MAX - 1;
/// Events taken with one system call: more than the connections of a closed run.
const EVENTS: usize = 256;
/// Read with one system call; a request has some hundred bytes.
const SCRATCH: usize = 32 * 1024;
/// Connections that may wait to be accepted: all 4,000 of the memory run come at once.
const BACKLOG: i32 = 4096;

/// Serves until stdin ends, with `--control`, or until it is killed.
pub(crate) fn run(options: &ServerOptions) -> anyhow::Result<()> {
    if let Some(core) = options.core {
        stay_on(core)?;
    }
    raise_open_files()?;
    let listener = TcpListener::bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, options.port))
        .with_context(|| format!("listen on 127.0.0.1:{}", options.port))?;
    listen(&listener, Backlog::new(BACKLOG)?).context("lengthen the queue of connections")?;
    listener.set_nonblocking(true)?;
    // Its connections inherit this, which saves them a system call.
    setsockopt(&listener, sockopt::TcpNoDelay, &true).context("send answers without delay")?;
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    Server::new(listener, options)?.serve()
}

struct Server {
    epoll: Epoll,
    listener: TcpListener,
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    answers: Answers,
    stalls: Option<Stalls>,
    holding: Option<Holding>,
    arrivals: Arrivals,
    record: usize,
    /// Never sleeps.
    is_awake: bool,
    requests: u64,
    accepted: u64,
    inbox: Inbox,
}

impl Server {
    fn new(listener: TcpListener, options: &ServerOptions) -> anyhow::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
        if options.control {
            epoll.add(io::stdin().as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, CONTROL)).context("watch stdin")?;
        }
        let record = options.record as usize;
        Ok(Self {
            epoll,
            listener,
            connections: Vec::new(),
            free: Vec::new(),
            answers: Answers::new(),
            stalls: options.stall.zip(options.every).map(|(stall, every)| Stalls::new(stall, every)),
            holding: options.hold.map(Holding::new),
            arrivals: Arrivals { at_ns: Vec::with_capacity(record), not_recorded: 0 },
            record,
            is_awake: options.awake,
            requests: 0,
            accepted: 0,
            inbox: Inbox::default(),
        })
    }

    fn serve(mut self) -> anyhow::Result<()> {
        let mut events = [EpollEvent::empty(); EVENTS];
        let mut scratch = vec![0; SCRATCH];
        loop {
            let count = match self.epoll.wait(&mut events, self.patience()) {
                Ok(count) => count,
                Err(Errno::EINTR) => continue,
                Err(error) => return Err(error).context("wait for requests"),
            };
            if let Some(stalls) = &mut self.stalls {
                if count == 0 {
                    stalls.drained();
                } else if events[..count].iter().any(|event| event.data() != CONTROL) {
                    stalls.stall_if_due();
                }
            }
            for event in &events[..count] {
                match event.data() {
                    LISTENER => self.accept(),
                    CONTROL => {
                        if !self.tell_what_is_asked()? {
                            return Ok(());
                        }
                    }
                    slot => {
                        let slot = usize::try_from(slot).expect("slots are counted in usize");
                        self.serve_connection(slot, event.events(), &mut scratch);
                    }
                }
            }
            self.answer_held();
        }
    }

    fn patience(&self) -> EpollTimeout {
        if self.is_awake || self.stalls.as_ref().is_some_and(Stalls::is_draining) {
            return EpollTimeout::ZERO;
        }
        match self.holding.as_ref().and_then(|holding| holding.wait_ms(monotonic_ns())) {
            Some(ms) => EpollTimeout::from(ms),
            None => EpollTimeout::NONE,
        }
    }

    fn accept(&mut self) {
        while let Ok((stream, _)) = self.listener.accept() {
            if stream.set_nonblocking(true).is_err() {
                continue;
            }
            let slot = self.free.pop().unwrap_or_else(|| {
                self.connections.push(None);
                self.connections.len() - 1
            });
            let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT | EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLET;
            if self.epoll.add(&stream, EpollEvent::new(flags, slot as u64)).is_err() {
                self.free.push(slot);
                continue;
            }
            self.accepted += 1;
            self.connections[slot] = Some(Connection::new(stream, self.accepted));
        }
    }

    fn serve_connection(&mut self, slot: usize, flags: EpollFlags, scratch: &mut [u8]) {
        let Some(Some(connection)) = self.connections.get_mut(slot) else { return };
        let mut state = State::Open;
        if flags.contains(EpollFlags::EPOLLOUT) {
            state = connection.flush();
        }
        if state == State::Open && flags.intersects(!EpollFlags::EPOLLOUT) {
            let at_ns = if self.record > 0 || self.holding.is_some() { monotonic_ns() } else { 0 };
            let hung_up = flags.intersects(EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR);
            let mut answered = State::Open;
            state = connection.read(scratch, hung_up, |connection, closing| {
                self.requests += 1;
                if self.arrivals.at_ns.len() < self.record {
                    self.arrivals.at_ns.push(at_ns);
                } else {
                    self.arrivals.not_recorded += 1;
                }
                if let Some(holding) = &mut self.holding {
                    holding.push(at_ns, Held { slot, generation: connection.generation, closing });
                    return;
                }
                if connection.answer(&self.answers, closing) == State::Over {
                    answered = State::Over;
                }
                if let Some(stalls) = &mut self.stalls {
                    stalls.answered();
                }
            });
            if answered == State::Over {
                state = State::Over;
            }
        }
        if state == State::Over {
            self.forget(slot);
        }
    }

    fn answer_held(&mut self) {
        let now = if self.holding.is_some() { monotonic_ns() } else { return };
        while let Some(held) = self.holding.as_mut().and_then(|holding| holding.pop_due(now)) {
            let Some(Some(connection)) = self.connections.get_mut(held.slot) else { continue };
            if connection.generation == held.generation && connection.answer(&self.answers, held.closing) == State::Over
            {
                self.forget(held.slot);
            }
        }
    }

    /// Closes a connection; the epoll forgets it with its descriptor.
    fn forget(&mut self, slot: usize) {
        self.connections[slot] = None;
        self.free.push(slot);
    }

    /// False when nobody will ask again.
    fn tell_what_is_asked(&mut self) -> anyhow::Result<bool> {
        let Some(words) = self.inbox.words()? else { return Ok(false) };
        for word in words {
            match word {
                Word::Stats => tell(&Stats {
                    now_ns: monotonic_ns(),
                    requests: self.requests,
                    connections: self.accepted,
                    most_in_flight: self.holding.as_ref().map_or(0, |holding| holding.most() as u64),
                    cpu_ns: clock_ns(ClockId::CLOCK_PROCESS_CPUTIME_ID)?,
                })?,
                Word::Stalls => tell(&self.stalls.as_ref().map_or(&[][..], Stalls::past))?,
                Word::Arrivals => tell(&self.arrivals)?,
            }
        }
        Ok(true)
    }
}
