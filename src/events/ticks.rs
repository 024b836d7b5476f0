//! Which minute is due: each once, none twice after a restart, missed ones not piled up.
//!
//! Pure: the clock's time goes in. Remembers the last minute that fired; the caller keeps it on disk before acting on it.

/// What has fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    last: Option<i64>,
}

impl Ticks {
    /// Goes on after this minute, or with the next one when none has fired yet.
    #[must_use]
    pub fn after(last: Option<i64>) -> Self {
        Self { last }
    }

    /// The minute that fires now, counted from 1970, if one does. Minutes that were missed are left out; a clock that was
    /// set back a little waits until it is where it was, one that was set back by more than `BACK_MINUTES_MAX` was
    /// wrong before and starts anew.
    pub fn due(&mut self, now_ms: i64) -> Option<i64> {
        let minute = now_ms.div_euclid(60_000);
        let is_due = match self.last {
            None => {
                // The first minute has begun already: whether it was seen before, nobody knows.
                self.last = Some(minute);
                false
            }
            Some(last) if minute > last => true,
            Some(last) => last - minute > BACK_MINUTES_MAX,
        };
        if is_due {
            self.last = Some(minute);
        }
        is_due.then_some(minute)
    }
}

/// A clock that goes back by less than a day is being corrected.
const BACK_MINUTES_MAX: i64 = 24 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets the clock run, stop, jump both ways, and the node restart, in random steps; a list remembers what fired.
    #[test]
    fn no_minute_fires_twice_and_none_that_was_missed() {
        let seed = 0xc10c_u64;
        println!("seed {seed:#x}");
        let mut state = seed;
        let mut next = |below: i64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(state >> 33).expect("31 bits") % below
        };
        let mut now = 1_800_000_000_000_i64;
        let mut ticks = Ticks::after(None);
        let mut fired: Vec<i64> = Vec::new();
        for _ in 0..20_000 {
            now += match next(10) {
                0 => -next(3 * 60_000),
                1 => next(10 * 60_000),
                2 => {
                    ticks = Ticks::after(ticks.last);
                    0
                }
                _ => next(30_000),
            };
            if let Some(minute) = ticks.due(now) {
                assert_eq!(minute, now.div_euclid(60_000), "only the present minute fires");
                assert!(!fired.contains(&minute), "{minute} fired twice");
                assert!(fired.last().is_none_or(|last| *last < minute));
                fired.push(minute);
            } else if let Some(last) = fired.last() {
                assert!(now.div_euclid(60_000) <= *last, "a minute was left out at {now}");
            }
        }
        assert!(fired.len() > 1_000);
    }

    /// Sets the clock back by two days, and by an hour.
    #[test]
    fn a_clock_that_was_wrong_does_not_stop_schedules_for_good() {
        let day = 24 * 60 * 60_000;
        let now = 1_800_000_000_000;
        let mut ticks = Ticks::after(Some(now / 60_000));
        assert_eq!(ticks.due(now - day / 24), None);
        assert_eq!(ticks.due(now - 2 * day), Some((now - 2 * day) / 60_000));
        assert_eq!(ticks.due(now - 2 * day + 60_000), Some((now - 2 * day) / 60_000 + 1));
    }
}
