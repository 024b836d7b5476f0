//! Waiting for something to become true: asked again and again until a deadline. The only place of the tests that sleeps.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Asks until there is an answer; panics with `what` when there is none within the limit.
pub(crate) async fn until<T>(what: &str, limit: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
        sleep(PAUSE).await;
    }
}

const PAUSE: Duration = Duration::from_millis(10);
