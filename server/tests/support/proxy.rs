//! A network between the server and its database that fails as a test requires: slow, silent, refused, or cut after an exact
//! number of bytes. It does not interpret the data.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU16, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
};

/// What happens to connections, new ones and running ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Everything passes.
    Up,
    /// Every piece of an answer is kept back for so long.
    Slow(Duration),
    /// Nothing passes and nobody is told: a pulled cable.
    Silent,
    /// Connections are reset, and new ones are refused: the machine is there, the database is not.
    Refused,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the server to its database.
    Request,
    /// From the database back.
    Answer,
}

/// The listening end. Everything stops when it is dropped.
pub struct Proxy {
    /// Where to connect instead of the database.
    pub port: u16,
    network: watch::Sender<Network>,
    shared: Arc<Shared>,
}

/// No cut is planned.
const NEVER: i64 = i64::MAX;

struct Shared {
    passed: [AtomicU64; 2],
    /// How many bytes may pass until the cut.
    left: [AtomicI64; 2],
    /// Its number changes when all connections that exist are to be reset.
    cuts: watch::Sender<u64>,
    /// A number that changes when all existing connections must fall silent.
    silences: watch::Sender<u64>,
    /// Both ends of silent connections: open, but never read.
    silent: Mutex<Vec<(TcpStream, TcpStream)>>,
    /// The port that new connections lead to.
    target: AtomicU16,
    open: AtomicUsize,
}

impl Proxy {
    /// Listens on a free port, for a database on this machine.
    pub async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (network, told) = watch::channel(Network::Up);
        let shared = Arc::new(Shared {
            passed: Default::default(),
            left: [AtomicI64::new(NEVER), AtomicI64::new(NEVER)],
            cuts: watch::channel(0).0,
            silences: watch::channel(0).0,
            silent: Mutex::default(),
            target: AtomicU16::new(target),
            open: AtomicUsize::new(0),
        });
        tokio::spawn(listen(listener, told, shared.clone()));
        Self { port, network, shared }
    }

    /// From now on the network behaves so.
    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }

    /// Makes new connections lead to another port; existing ones keep their destination.
    pub fn set_target(&self, port: u16) {
        self.shared.target.store(port, Ordering::SeqCst);
    }

    /// Drops all data on existing connections from now on, without closing them. New connections work, as after the address
    /// has moved to another machine.
    pub fn silence(&self) {
        self.shared.silences.send_modify(|number| *number += 1);
    }

    /// Resets every connection; new ones are fine.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|number| *number += 1);
    }

    /// Resets every connection once so many more bytes have passed that way, counted over all connections. The next
    /// connections are fine.
    pub fn cut_after(&self, direction: Direction, bytes: u64) {
        self.shared.left[direction as usize].store(i64::try_from(bytes).unwrap(), Ordering::SeqCst);
    }

    /// Takes a planned cut back. `true` when it had not happened yet.
    pub fn disarm(&self) -> bool {
        let was_armed = |left: &AtomicI64| left.swap(NEVER, Ordering::SeqCst) < NEVER / 2;
        let [requests, answers] = &self.shared.left;
        was_armed(requests) | was_armed(answers)
    }

    /// How many bytes have passed that way since the start.
    pub fn passed(&self, direction: Direction) -> u64 {
        self.shared.passed[direction as usize].load(Ordering::SeqCst)
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }
}

async fn listen(listener: TcpListener, mut network: watch::Receiver<Network>, shared: Arc<Shared>) {
    let here = listener.local_addr().unwrap();
    let mut listener = Some(listener);
    loop {
        let behavior = *network.borrow_and_update();
        match behavior {
            Network::Refused => listener = None,
            _ if listener.is_none() => listener = Some(TcpListener::bind(here).await.unwrap()),
            _ => {}
        }
        tokio::select! {
            changed = network.changed() => if changed.is_err() { return },
            Some(Ok((stream, _))) = accept(listener.as_ref()) => {
                tokio::spawn(connect(stream, network.clone(), shared.clone()));
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> Option<std::io::Result<(TcpStream, SocketAddr)>> {
    match listener {
        Some(listener) => Some(listener.accept().await),
        None => std::future::pending().await,
    }
}

/// One connection, to its end. However it ends, both sides see a reset.
async fn connect(mut client: TcpStream, mut network: watch::Receiver<Network>, shared: Arc<Shared>) {
    // Nobody answers while the network is silent, not even the first packet of a database.
    if network.wait_for(|network| *network != Network::Silent).await.is_err() {
        return;
    }
    let target = shared.target.load(Ordering::SeqCst);
    let Ok(mut database) = TcpStream::connect(("127.0.0.1", target)).await else {
        let _ = client.set_zero_linger();
        return;
    };
    let mut cuts = shared.cuts.subscribe();
    let mut silences = shared.silences.subscribe();
    for stream in [&client, &database] {
        stream.set_nodelay(true).unwrap();
        stream.set_zero_linger().unwrap();
    }
    shared.open.fetch_add(1, Ordering::SeqCst);
    // Borrowed halves: owned ones would say goodbye in good order when they are dropped.
    let (from_client, to_client) = client.split();
    let (from_database, to_database) = database.split();
    let falls_silent = tokio::select! {
        () = pass(Direction::Request, from_client, to_database, network.clone(), &shared) => false,
        () = pass(Direction::Answer, from_database, to_client, network.clone(), &shared) => false,
        _ = cuts.changed() => false,
        _ = silences.changed() => true,
        _ = network.wait_for(|network| *network == Network::Refused) => false,
    };
    if falls_silent {
        shared.silent.lock().unwrap().push((client, database));
    }
    shared.open.fetch_sub(1, Ordering::SeqCst);
}

/// Copies until the end of the connection, or until the planned byte.
async fn pass(
    direction: Direction,
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut network: watch::Receiver<Network>,
    shared: &Shared,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let behavior = *network.borrow();
        if let (Network::Slow(delay), Direction::Answer) = (behavior, direction) {
            tokio::time::sleep(delay).await;
        }
        if network.wait_for(|network| *network != Network::Silent).await.is_err() {
            return;
        }
        let length = i64::try_from(read).unwrap();
        let left = shared.left[direction as usize].fetch_sub(length, Ordering::SeqCst);
        let allowed = read.min(usize::try_from(left).unwrap_or(0));
        shared.passed[direction as usize].fetch_add(allowed as u64, Ordering::SeqCst);
        if to.write_all(&buffer[..allowed]).await.is_err() {
            return;
        }
        if left <= length {
            // What was allowed arrives before the reset: a reset throws away what is still on its way.
            tokio::time::sleep(Duration::from_millis(5)).await;
            shared.left[direction as usize].store(NEVER, Ordering::SeqCst);
            shared.cuts.send_modify(|number| *number += 1);
            return;
        }
    }
}
