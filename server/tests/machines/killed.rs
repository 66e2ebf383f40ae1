//! Real programs that start at the same time, and are killed (`kill -9`) while users sign in.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use http::Method;

use crate::{
    program::{Program, Running, SECRET},
    scene::{ORIGIN, be, callback_of, variables},
    stores::Stores,
    support::{
        Answer, Browser, evidence,
        evil_op::{Behavior, EvilProvider},
        scaled, sign_in_demo,
    },
};

const MACHINES: usize = 3;
/// In a normal run; see `EVIDENCE_KILLS`.
const KILLS: u64 = 3;
/// People who sign in at the same time.
const STREAMS: usize = 4;
/// Sign-ins of each of them for each kill.
const EACH: usize = 25;
/// How long the load balancer sends people to a machine that is dead.
const UNNOTICED: Duration = Duration::from_millis(200);

/// The number of clients so far.
static CLIENTS: AtomicU64 = AtomicU64::new(0);

/// Starts so many programs together.
async fn start(count: usize, stores: &Stores, provider: &EvilProvider) -> Vec<Running> {
    leptos_auth_server::tls::install();
    let starts = (0..count).map(|_| {
        let all = [&stores.variables(), &variables(provider)[..], &[("AUTH_SECRET", SECRET)]].concat();
        let program = Program::new(&all);
        tokio::task::spawn_blocking(move || program.start())
    });
    join_all(starts.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect()
}

fn address(program: &Running) -> SocketAddr {
    program.address.parse().unwrap()
}

/// All of them come up, and what one does the others know.
pub async fn ten_starts(stores: &Stores) {
    let provider = EvilProvider::start().await;
    let programs = start(10, stores, &provider).await;
    let mut browser = Browser::new(address(&programs[0]), ORIGIN);
    sign_in_demo(&mut browser).await;
    for program in &programs {
        let mut there = browser.at_address(address(program));
        assert_eq!(there.get("/ready").await.status, 200);
        assert_eq!(there.name().await.as_deref(), Some("Demo User"));
    }
    assert_eq!(stores.people().await, 1);
}

/// One kill, and those who sign in meanwhile.
struct Round<'a> {
    blank: &'a Browser,
    provider: &'a EvilProvider,
    machines: Vec<SocketAddr>,
    victim: usize,
    is_killed: AtomicBool,
    is_noticed: AtomicBool,
    answered: AtomicUsize,
    unanswered: AtomicUsize,
}

impl Round<'_> {
    /// Where the load balancer sends the next request.
    fn machine(&self, number: usize) -> usize {
        let machine = number % MACHINES;
        let is_out = machine == self.victim && self.is_noticed.load(Ordering::SeqCst);
        if is_out { (machine + 1) % MACHINES } else { machine }
    }

    /// A person who begins anew when no answer comes. What came back from a machine that lives must sign in.
    async fn stream(&self, stream: usize) -> Vec<Browser> {
        let mut signed_in = Vec::new();
        let mut number = stream;
        while signed_in.len() < EACH {
            number += 1;
            let (from, to) = (self.machine(number), self.machine(number + 1));
            match self.try_sign_in(self.machines[from], self.machines[to]).await {
                Ok((browser, answer)) => {
                    answer.assert_signed_in();
                    self.answered.fetch_add(1, Ordering::SeqCst);
                    signed_in.push(browser);
                }
                Err(error) => {
                    let is_excused =
                        [from, to].contains(&self.victim) && self.is_killed.load(Ordering::SeqCst);
                    assert!(is_excused, "a machine that lives did not answer: {error}");
                    self.unanswered.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
        signed_in
    }

    async fn try_sign_in(&self, from: SocketAddr, to: SocketAddr) -> reqwest::Result<(Browser, Answer)> {
        // Each counts as a separate client for the rate limits.
        let client = CLIENTS.fetch_add(1, Ordering::Relaxed);
        let mut browser = self.blank.at_address(from).with_client(client);
        let token = browser.try_send(Method::GET, "/api/auth/csrf", &[], Vec::new()).await?.json();
        let form = format!("csrfToken={}&callbackUrl=%2Faccount", token["csrfToken"].as_str().unwrap());
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", ORIGIN)];
        let started =
            browser.try_send(Method::POST, "/api/auth/signin/eop", &headers, form.into_bytes()).await?;
        let callback = callback_of(started.location(), self.provider);
        let mut browser = browser.at_address(to);
        let answer = browser.try_send(Method::GET, &callback, &[], Vec::new()).await?;
        Ok((browser, answer))
    }

    /// Kills the victim in the middle.
    async fn kill(&self, victim: &Running) {
        while self.answered.load(Ordering::SeqCst) < STREAMS * EACH / 3 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.is_killed.store(true, Ordering::SeqCst);
        victim.signal("KILL");
        tokio::time::sleep(UNNOTICED).await;
        self.is_noticed.store(true, Ordering::SeqCst);
    }
}

/// Everybody who was told to be signed in is so, at every machine in turn.
async fn assert_signed_in(browsers: &[Browser], machines: &[Running]) {
    for (number, browser) in browsers.iter().enumerate() {
        let mut there = browser.at_address(address(&machines[number % machines.len()]));
        assert!(there.name().await.is_some_and(|name| name.starts_with("person-")), "signed out");
    }
}

/// One of three machines is killed, again and again, and replaced.
pub async fn stream(stores: &Stores) {
    let provider = EvilProvider::start().await;
    let people = AtomicU32::new(0);
    // Whoever comes back from the provider is somebody new.
    let claims = move |claims: &mut serde_json::Value| {
        be(claims, &format!("person-{}", people.fetch_add(1, Ordering::Relaxed)));
    };
    provider.set(Behavior { claims: Box::new(claims), ..Behavior::default() });
    let mut machines = start(MACHINES, stores, &provider).await;
    let blank = Browser::new(address(&machines[0]), ORIGIN);
    let (mut signed_in, mut unanswered) = (Vec::new(), 0);
    let kills = scaled("EVIDENCE_KILLS", KILLS);
    for victim in (0..MACHINES).cycle().take(kills as usize) {
        let round = Round {
            blank: &blank,
            provider: &provider,
            machines: machines.iter().map(address).collect(),
            victim,
            is_killed: AtomicBool::new(false),
            is_noticed: AtomicBool::new(false),
            answered: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
        };
        let streams = join_all((0..STREAMS).map(|stream| round.stream(stream)));
        let (came_in, ()) = tokio::join!(streams, round.kill(&machines[victim]));
        let came_in = came_in.concat();
        unanswered += round.unanswered.into_inner();
        drop(machines.remove(victim));
        assert_signed_in(&came_in, &machines).await;
        signed_in.extend(came_in);
        machines.insert(victim, start(1, stores, &provider).await.remove(0));
    }
    assert_signed_in(&signed_in, &machines).await;
    let people = stores.people().await;
    evidence(
        &format!("one of {MACHINES} instances killed (kill -9) during sign-ins, {}", stores.name()),
        &format!(
            "{kills} kills, {} sign-ins acknowledged, 0 lost; {unanswered} not answered; {people} users",
            signed_in.len()
        ),
    );
    assert!(unanswered > 0, "control: somebody was there when it happened");
    assert!((signed_in.len()..=signed_in.len() + unanswered).contains(&people), "{people} users");
}
