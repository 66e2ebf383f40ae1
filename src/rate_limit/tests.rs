//! Limits counted in this process and in a database.

use super::*;
use crate::{
    adapter::MemoryAdapter,
    config::{Config, Environment, Mode},
    secret::Secret,
};

const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);
const FIVE: Limit = Limit::shared("five", 5, QUARTER_HOUR);
const OTHER: Limit = Limit::shared("other", 5, QUARTER_HOUR);

fn limiter(adapter: Option<Arc<dyn Adapter>>) -> RateLimiter {
    let url = url::Url::parse("http://localhost:3000").unwrap();
    let config = Config::from_environment(&Environment::new(), Mode::Development, &url);
    let settings = config.unwrap_or_else(|_| panic!("a configuration")).limits;
    RateLimiter::new(adapter, Arc::new(Pseudonyms::new(&[Secret::new("secret")])), &settings)
}

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millis(milliseconds)
}

#[test]
fn rl_06_rl_07_ways_to_write_an_address_are_one_client() {
    let client = |address: &str| network(address.parse().unwrap());
    for same in ["1.2.3.4", "::ffff:1.2.3.4", "::FFFF:102:304", "0:0:0:0:0:ffff:1.2.3.4"] {
        assert_eq!(client(same), "1.2.3.4", "{same}");
    }
    for same in ["2001:db8::1", "2001:DB8:0:0:ffff::9", "2001:0db8:0000:0000:1:2:3:4"] {
        assert_eq!(client(same), client("2001:db8::"), "{same}");
    }
    for other in ["2001:db8:0:1::1", "::1", "1.2.3.5", "::1.2.3.4"] {
        assert_ne!(client(other), client("2001:db8::"), "{other}");
        assert_ne!(client(other), "1.2.3.4", "{other}");
    }
}

#[tokio::test]
async fn rl_10_f_a9_any_number_of_names_takes_bounded_memory_and_refuses_nobody() {
    let (limiter, now) = (limiter(None), at(0));
    for _ in 0..5 {
        limiter.count(&FIVE, "victim", now).await.unwrap();
    }
    for number in 0..100_000 {
        limiter.count(&FIVE, &number.to_string(), now).await.unwrap();
    }
    assert_eq!(limiter.counts()["five"].len(), 20_000);
    assert!(limiter.count(&FIVE, "victim", now).await.is_err(), "the count is kept");
    limiter.count(&FIVE, "new", now).await.unwrap();
    assert!(!limiter.counts().contains_key("other"), "each limit has its own table");
    limiter.count(&OTHER, "victim", now).await.unwrap();
}

#[tokio::test]
async fn counts_in_memory_without_a_database() {
    let (limiter, now) = (limiter(None), at(0));
    for _ in 0..5 {
        limiter.count(&FIVE, "a", now).await.unwrap();
    }
    let refused = limiter.count(&FIVE, "a", now).await;
    assert!(matches!(refused, Err(AuthError::RateLimited("five", wait)) if wait == QUARTER_HOUR));
    limiter.count(&FIVE, "b", now).await.unwrap();
    limiter.count(&FIVE, "a", now.plus(QUARTER_HOUR)).await.unwrap();
}

#[tokio::test]
async fn f_b9_a_clock_that_was_set_back_leaves_no_limit_stuck() {
    for adapter in [None, Some(Arc::new(MemoryAdapter::default()) as Arc<dyn Adapter>)] {
        let limiter = limiter(adapter);
        let wrong = at(365 * 24 * 3600 * 1000);
        for _ in 0..5 {
            limiter.count(&FIVE, "a", wrong).await.unwrap();
        }
        assert!(limiter.count(&FIVE, "a", wrong).await.is_err(), "control");
        limiter.count(&FIVE, "a", at(0)).await.unwrap();
    }
}

#[tokio::test]
async fn f_a9_what_is_refused_costs_no_write() {
    let adapter = Arc::new(MemoryAdapter::default());
    let (limiter, now) = (limiter(Some(adapter.clone())), at(0));
    for _ in 0..5 {
        limiter.count(&FIVE, "a", now).await.unwrap();
    }
    for _ in 0..1000 {
        assert!(limiter.count(&FIVE, "a", now).await.is_err());
    }
    let key = stored(&FIVE, &limiter.key(&FIVE, "a"));
    assert_eq!(
        adapter.count_attempt(&key, QUARTER_HOUR, now).await.unwrap().count,
        6,
        "1000 rejections wrote nothing"
    );
    assert!(!key.contains("a:a") && key.len() == "five:".len() + 32, "C7: {key}");
    adapter.return_attempts(&key, u32::MAX).await.unwrap();
    limiter.count(&FIVE, "a", now.plus(REMEMBERED)).await.unwrap();
}

#[tokio::test]
async fn i_19_a_success_gives_its_count_back() {
    for adapter in [None, Some(Arc::new(MemoryAdapter::default()) as Arc<dyn Adapter>)] {
        let limiter = limiter(adapter);
        let now = at(0);
        let attempt = async || {
            let mut attempt = Attempt::new(&limiter, now);
            attempt.count(&[(FIVE, "a".to_owned(), OnSuccess::GiveBack)]).await.map(|()| attempt)
        };
        for _ in 0..20 {
            attempt().await.unwrap().settle(Ok(&())).await;
        }
        let wrong = AuthError::Credentials { code: "credentials" };
        for _ in 0..4 {
            attempt().await.unwrap().settle::<()>(Err(&wrong)).await;
        }
        attempt().await.unwrap().settle(Ok(&())).await;
        attempt().await.unwrap().settle::<()>(Err(&AuthError::Busy)).await;
        attempt().await.unwrap().settle::<()>(Err(&wrong)).await;
        assert!(attempt().await.is_err(), "the sixth failure");
    }
}

#[tokio::test(start_paused = true)]
async fn i_19_many_right_attempts_at_once_wait_for_each_other() {
    let limiter = limiter(Some(Arc::new(MemoryAdapter::default())));
    let attempt = async |is_right: bool| {
        let mut attempt = Attempt::new(&limiter, at(0));
        attempt.count(&[(FIVE, "a".to_owned(), OnSuccess::GiveBack)]).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let result = if is_right { Ok(()) } else { Err(AuthError::Credentials { code: "credentials" }) };
        attempt.settle(result.as_ref()).await;
        result
    };
    let right = futures_util::future::join_all((0..60).map(|_| attempt(true))).await;
    assert!(right.iter().all(Result::is_ok), "{right:?}");
    let wrong = futures_util::future::join_all((0..60).map(|_| attempt(false))).await;
    let checked = wrong.iter().filter(|result| matches!(result, Err(AuthError::Credentials { .. }))).count();
    assert_eq!(checked, 5, "RL-12");
    assert!(!limiter.flights.is_running(&limiter.key(&FIVE, "a")));
}

#[test]
fn c7_pseudonyms_need_the_key() {
    let pseudonyms = |secret: &str| Pseudonyms::new(&[Secret::new(secret)]);
    let (one, other) = (pseudonyms("one"), pseudonyms("other"));
    assert_eq!(one.name("Ada@example.com"), one.name("ada@example.com"));
    assert_ne!(one.name("ada@example.com"), other.name("ada@example.com"));
    assert_ne!(one.of("a", "x"), one.of("b", "x"), "two purposes give two pseudonyms");
}
