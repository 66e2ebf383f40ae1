//! Limits the number of connections, in total and for each network, and chooses which one to close when a limit is reached.
//!
//! Threat: a client that opens connections and leaves them idle uses up file descriptors and memory. When a limit is
//! reached, the connection that has been idle longest is closed; if all are in use, the new one is refused. A running
//! request is never cut off here.
//!
//! Rule: a reverse proxy carries the connections of all clients. This machine, private networks and `TRUSTED_PROXIES` have
//! no limit per network, are closed last, and wait for a place instead of being refused.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

/// Limits on connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The most connections in total. `MAX_CONNECTIONS`, 4096.
    pub in_all: usize,
    /// The most connections of one network: an IPv4 address, or the /64 of an IPv6 address. `MAX_CONNECTIONS_PER_NETWORK`, 256.
    pub per_network: usize,
    /// How long a client may read nothing of its response, or send nothing of its request, before it is disconnected.
    /// `SLOW_CLIENT_TIMEOUT`, seconds, 30.
    pub slow_client: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { in_all: 4096, per_network: 256, slow_client: Duration::from_secs(30) }
    }
}

/// All open connections.
pub struct Connections {
    limits: ConnectionLimits,
    stop: CancellationToken,
    open: Mutex<Open>,
    /// A connection or a request has ended.
    freed: Notify,
}

#[derive(Default)]
struct Open {
    next_id: u64,
    slots: BTreeMap<u64, Slot>,
}

struct Slot {
    /// `None` if there is no limit per network.
    network: Option<u128>,
    activity: Arc<Activity>,
    close: CancellationToken,
}

/// Whether a connection has a request in progress.
struct Activity {
    is_busy: AtomicBool,
    idle_since: Mutex<Instant>,
}

/// One open connection. Dropping it frees its place.
pub struct Connection {
    connections: Arc<Connections>,
    id: u64,
    activity: Arc<Activity>,
    close: CancellationToken,
}

impl Connections {
    /// Creates the list. `stop` asks all connections to close.
    pub fn new(limits: ConnectionLimits, stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self { limits, stop, open: Mutex::default(), freed: Notify::new() })
    }

    /// Admits a connection, and closes an idle one if a limit is reached. Returns `None` if all are in use.
    pub fn admit(self: &Arc<Self>, peer: IpAddr, is_proxy: bool) -> Option<Connection> {
        let network = (!is_proxy).then(|| network(peer));
        let mut open = self.open();
        let of_network = |slot: &Slot| network.is_some() && slot.network == network;
        if open.slots.values().filter(|slot| of_network(slot)).count() >= self.limits.per_network
            && !open.close_idle(of_network)
        {
            return None;
        }
        if open.slots.len() >= self.limits.in_all
            && !open.close_idle(|slot| slot.network.is_some())
            && !open.close_idle(|_| true)
        {
            return None;
        }
        let id = open.next_id;
        open.next_id += 1;
        let activity =
            Arc::new(Activity { is_busy: AtomicBool::new(false), idle_since: Mutex::new(Instant::now()) });
        let close = self.stop.child_token();
        open.slots.insert(id, Slot { network, activity: activity.clone(), close: close.clone() });
        Some(Connection { connections: self.clone(), id, activity, close })
    }

    /// Admits a connection of a proxy as soon as there is a place. Returns `None` if all stay in use for this long.
    pub async fn admit_proxy(self: &Arc<Self>, peer: IpAddr, patience: Duration) -> Option<Connection> {
        let admitted = async {
            loop {
                if let Some(connection) = self.admit(peer, true) {
                    return connection;
                }
                // What ended while nobody waited is remembered, so this may return although there is no place.
                self.freed.notified().await;
            }
        };
        tokio::time::timeout(patience, admitted).await.ok()
    }

    /// Closes idle connections because the process has run out of file descriptors.
    pub fn close_idle(&self, most: usize) {
        let mut open = self.open();
        for _ in 0..most {
            if !open.close_idle(|slot| slot.network.is_some()) && !open.close_idle(|_| true) {
                return;
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Closes the matching connection that has been idle longest. Returns `false` if none matches.
    fn close_idle(&mut self, fits: impl Fn(&Slot) -> bool) -> bool {
        let idle = self.slots.iter().filter(|(_, slot)| fits(slot) && !slot.activity.is_busy());
        let Some(id) = idle.min_by_key(|(_, slot)| slot.activity.idle_since()).map(|(id, _)| *id) else {
            return false;
        };
        if let Some(slot) = self.slots.remove(&id) {
            slot.close.cancel();
        }
        true
    }
}

impl Activity {
    fn is_busy(&self) -> bool {
        self.is_busy.load(Ordering::Relaxed)
    }

    fn idle_since(&self) -> Instant {
        *self.idle_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Returns when the connection should close.
    pub async fn closing(&self) {
        self.close.cancelled().await;
    }

    /// Returns whether a request is in progress.
    pub fn is_busy(&self) -> bool {
        self.activity.is_busy()
    }

    /// Marks the connection as in use until the returned value is dropped.
    pub fn begin_request(&self) -> RequestInProgress {
        self.activity.is_busy.store(true, Ordering::Relaxed);
        RequestInProgress { connections: self.connections.clone(), activity: self.activity.clone() }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.connections.open().slots.remove(&self.id);
        self.connections.freed.notify_one();
    }
}

/// A request whose response has not been sent completely.
pub struct RequestInProgress {
    connections: Arc<Connections>,
    activity: Arc<Activity>,
}

impl Drop for RequestInProgress {
    fn drop(&mut self) {
        *self.activity.idle_since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.activity.is_busy.store(false, Ordering::Relaxed);
        self.connections.freed.notify_one();
    }
}

/// Returns an IPv4 address, or the first half of an IPv6 address, because one customer has all of it.
fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ConnectionLimits =
        ConnectionLimits { in_all: 4, per_network: 2, slow_client: Duration::from_secs(30) };

    fn connections() -> Arc<Connections> {
        Connections::new(LIMITS, CancellationToken::new())
    }

    fn public(number: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, number])
    }

    #[tokio::test(start_paused = true)]
    async fn f_a7_a_flood_of_idle_connections_closes_its_own_oldest() {
        let connections = connections();
        let other = connections.admit(public(9), false).unwrap();
        let mut flood = Vec::new();
        for _ in 0..10 {
            flood.push(connections.admit(public(1), false).unwrap());
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let closed = flood.iter().map(|connection| connection.close.is_cancelled()).collect::<Vec<_>>();
        assert_eq!(closed, [vec![true; 8], vec![false; 2]].concat(), "the longest idle are closed first");
        assert!(!other.close.is_cancelled(), "connections of other networks stay open");
        assert_eq!(connections.open().slots.len(), 3);
        drop(flood);
        assert_eq!(connections.open().slots.len(), 1);
    }

    #[tokio::test]
    async fn f_a7_what_is_in_use_is_not_closed_and_the_rest_is_refused() {
        let connections = connections();
        let busy: Vec<_> = (0..2).map(|_| connections.admit(public(1), false).unwrap()).collect();
        let requests: Vec<_> = busy.iter().map(Connection::begin_request).collect();
        assert!(connections.admit(public(1), false).is_none());
        assert!(busy.iter().all(|connection| !connection.close.is_cancelled()));
        let other = connections.admit(public(2), false);
        assert!(other.is_some(), "another network");
        drop(requests);
        assert!(connections.admit(public(1), false).is_some(), "a finished response makes room");
    }

    #[tokio::test]
    async fn f_a7_a_proxy_has_no_limit_of_its_own_and_is_closed_last() {
        let connections = connections();
        let proxy: Vec<_> = (0..3).map(|_| connections.admit(public(7), true).unwrap()).collect();
        let visitor = connections.admit(public(1), false).unwrap();
        let _more = connections.admit(public(7), true).unwrap();
        assert!(visitor.close.is_cancelled(), "there is room for four");
        assert!(proxy.iter().all(|connection| !connection.close.is_cancelled()));
    }

    #[tokio::test(start_paused = true)]
    async fn f_a7_a_proxy_waits_for_a_place() {
        const PATIENCE: Duration = Duration::from_secs(15);
        const SOON: Duration = Duration::from_secs(1);
        let connections = connections();
        // Nobody waits for this end, so it is remembered.
        drop(connections.admit(public(7), true).unwrap());
        let mut busy: Vec<_> = (0..4).map(|_| connections.admit(public(7), true).unwrap()).collect();
        let mut requests: Vec<_> = busy.iter().map(Connection::begin_request).collect();
        let started = Instant::now();
        assert!(connections.admit_proxy(public(7), PATIENCE).await.is_none(), "all stay in use");
        assert!(started.elapsed() >= PATIENCE, "it waited");

        let (admitted, ()) = tokio::join!(connections.admit_proxy(public(7), PATIENCE), async {
            tokio::time::sleep(SOON).await;
            drop(busy.pop());
        });
        let admitted = admitted.expect("a connection has ended");
        let _request = admitted.begin_request();
        let (admitted, ()) = tokio::join!(connections.admit_proxy(public(7), PATIENCE), async {
            tokio::time::sleep(SOON).await;
            drop(requests.remove(0));
        });
        assert!(admitted.is_some() && busy[0].close.is_cancelled(), "a finished response makes room");
    }

    #[tokio::test]
    async fn f_a7_one_customer_of_ipv6_is_one_network() {
        let connections = connections();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let first = connections.admit(address("2001:db8::1"), false).unwrap();
        let _second = connections.admit(address("2001:db8::2:2"), false).unwrap();
        let _other = connections.admit(address("2001:db8:0:1::1"), false).unwrap();
        assert!(!first.close.is_cancelled());
        let _third = connections.admit(address("2001:db8::3"), false).unwrap();
        assert!(first.close.is_cancelled());
    }
}
