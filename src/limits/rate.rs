//! Rates: a token bucket, decided from `now`.
//!
//! Pure: holds no clock and wakes nobody. A rate of `n` a second lets `n` pass at once and then one every `1/n` second.

use std::time::{Duration, Instant};

/// A bucket that is full at first and fills at its rate.
#[derive(Debug, Clone)]
pub struct TokenBucket {
    tokens: f64,
    filled_at: Instant,
}

impl TokenBucket {
    /// A full bucket of this rate.
    #[must_use]
    pub fn new(per_second: u32, now: Instant) -> Self {
        Self { tokens: f64::from(per_second), filled_at: now }
    }

    /// Whether it is as good as new: a bucket of any rate is full again after a second.
    #[must_use]
    pub fn is_full(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.filled_at) >= Duration::from_secs(1)
    }

    /// Takes one token, or says how long until there is one. The rate may differ from call to call.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&mut self, per_second: u32, now: Instant) -> Result<(), Duration> {
        let rate = f64::from(per_second.max(1));
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + passed * rate).min(rate);
        self.filled_at = now.max(self.filled_at);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.tokens) / rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Drains a bucket of ten, waits as told, and lets a clock run backwards.
    #[test]
    fn a_bucket_gives_its_rate_and_says_when_to_come_back() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(10, start);
        for _ in 0..10 {
            assert_eq!(bucket.take(10, start), Ok(()));
        }
        let wait = bucket.take(10, start).expect_err("is empty");
        assert!(wait <= Duration::from_millis(100), "{wait:?}");
        assert_eq!(bucket.take(10, start + wait + Duration::from_millis(1)), Ok(()));
        assert!(bucket.take(10, start).is_err());
        let later = start + Duration::from_secs(3_600);
        let passed = (0..1_000).filter(|_| bucket.take(10, later).is_ok()).count();
        assert_eq!(passed, 10);
    }
}
