//! The limits of contract section 3 as values: defaults, ranges, and who may change what.
//!
//! The operator raises or lowers a tenant's limits with [`Overrides`]; the tenant lowers a script's with the same type.
//! Knows nothing of how a limit is enforced.

use serde::{Deserialize, Serialize};

/// Every limit in force for one script. Units are in the names; `_max` values are inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// CPU time of all JavaScript, WASM and garbage collection that one request causes.
    pub cpu_ms: u32,
    /// CPU time of the top level at upload.
    pub startup_cpu_ms: u32,
    /// JavaScript heap, ArrayBuffers and WASM memories of one isolate, together.
    pub memory_bytes_max: u64,
    /// Wall time to the first response byte.
    pub wall_ms: u32,
    /// Wall time that `waitUntil` work gets after the response.
    pub wait_until_ms: u32,
    /// Outgoing subrequests of one request.
    pub subrequests_max: u32,
    /// Outgoing subrequests open at once.
    pub subrequests_open_max: u32,
    /// Request body.
    pub body_bytes_max: u64,
    /// Script with all its modules, after decompression.
    pub script_bytes_max: u64,
    /// Requests of one tenant running at once.
    pub concurrency_max: u32,
    /// Requests of one tenant per second; 0 is unlimited.
    pub rate_per_second: u32,
    /// Log output of one request.
    pub log_bytes_max: u32,
    /// Isolates that may serve one script at once.
    pub isolates_per_script_max: u32,
}

/// Changes to some of the limits; absent keys leave the limit as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overrides {
    /// See [`Limits::cpu_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u32>,
    /// See [`Limits::startup_cpu_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup_cpu_ms: Option<u32>,
    /// See [`Limits::memory_bytes_max`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes_max: Option<u64>,
    /// See [`Limits::wall_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_ms: Option<u32>,
    /// See [`Limits::wait_until_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_until_ms: Option<u32>,
    /// See [`Limits::subrequests_max`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subrequests_max: Option<u32>,
    /// See [`Limits::subrequests_open_max`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subrequests_open_max: Option<u32>,
    /// See [`Limits::body_bytes_max`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_bytes_max: Option<u64>,
    /// See [`Limits::script_bytes_max`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script_bytes_max: Option<u64>,
    /// See [`Limits::concurrency_max`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency_max: Option<u32>,
    /// See [`Limits::rate_per_second`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_per_second: Option<u32>,
    /// See [`Limits::log_bytes_max`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_bytes_max: Option<u32>,
    /// See [`Limits::isolates_per_script_max`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolates_per_script_max: Option<u32>,
}

/// A limit outside the range in which it can be enforced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("set limit {key} to {value}: the range is {min} to {max}")]
pub struct OutOfRange {
    /// The key as it is written in the configuration.
    pub key: &'static str,
    /// What was asked for.
    pub value: u64,
    /// Smallest value that can be enforced.
    pub min: u64,
    /// Largest value that can be enforced.
    pub max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_ms: 50,
            startup_cpu_ms: 1_000,
            memory_bytes_max: 128 << 20,
            wall_ms: 30_000,
            wait_until_ms: 30_000,
            subrequests_max: 50,
            subrequests_open_max: 6,
            body_bytes_max: 100 << 20,
            script_bytes_max: 10 << 20,
            concurrency_max: 500,
            rate_per_second: 0,
            log_bytes_max: 256 << 10,
            isolates_per_script_max: 8,
        }
    }
}

macro_rules! for_each_limit {
    ($with:ident) => {
        $with!(cpu_ms, 1, 900_000);
        $with!(startup_cpu_ms, 1, 60_000);
        $with!(memory_bytes_max, 16 << 20, 4 << 30);
        $with!(wall_ms, 1, 3_600_000);
        $with!(wait_until_ms, 0, 3_600_000);
        $with!(subrequests_max, 0, 1_000_000);
        $with!(subrequests_open_max, 1, 10_000);
        $with!(body_bytes_max, 0, 64 << 30);
        $with!(script_bytes_max, 1_024, 256 << 20);
        $with!(concurrency_max, 1, 1_000_000);
        $with!(rate_per_second, 0, 10_000_000);
        $with!(log_bytes_max, 0, 64 << 20);
        $with!(isolates_per_script_max, 1, 1_024);
    };
}

impl Limits {
    /// These limits with the operator's changes; each may go up or down.
    #[must_use]
    pub fn with(&self, overrides: &Overrides) -> Limits {
        let mut limits = self.clone();
        macro_rules! apply {
            ($key:ident, $min:expr, $max:expr) => {
                if let Some(value) = overrides.$key {
                    limits.$key = value;
                }
            };
        }
        for_each_limit!(apply);
        limits
    }

    /// These limits with a tenant's changes; each may only go down (a rate of 0 is "unlimited", the highest).
    #[must_use]
    pub fn lowered(&self, overrides: &Overrides) -> Limits {
        let mut limits = self.clone();
        macro_rules! apply {
            ($key:ident, $min:expr, $max:expr) => {
                if let Some(value) = overrides.$key {
                    limits.$key = limits.$key.min(value);
                }
            };
        }
        for_each_limit!(apply);
        limits.rate_per_second = match (self.rate_per_second, overrides.rate_per_second) {
            (0, Some(rate)) => rate,
            (rate, None | Some(0)) => rate,
            (rate, Some(lower)) => rate.min(lower),
        };
        limits
    }
}

impl Overrides {
    /// Refuses values that could not be enforced, naming the first.
    ///
    /// # Errors
    /// [`OutOfRange`] with the key, the value and the range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        macro_rules! check {
            ($key:ident, $min:expr, $max:expr) => {
                if let Some(value) = self.$key {
                    let (value, min, max): (u64, u64, u64) = (u64::from(value), $min, $max);
                    if !(min..=max).contains(&value) {
                        return Err(OutOfRange { key: stringify!($key), value, min, max });
                    }
                }
            };
        }
        for_each_limit!(check);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tenant asks for more CPU than it has and for less memory.
    #[test]
    fn a_script_can_lower_its_limits_but_not_raise_them() {
        let asked = Overrides { cpu_ms: Some(1_000), memory_bytes_max: Some(64 << 20), ..Overrides::default() };
        let limits = Limits::default().lowered(&asked);
        assert_eq!(limits.cpu_ms, 50);
        assert_eq!(limits.memory_bytes_max, 64 << 20);
        let rate = Overrides { rate_per_second: Some(10), ..Overrides::default() };
        assert_eq!(limits.lowered(&rate).rate_per_second, 10);
        assert_eq!(limits.lowered(&rate).lowered(&Overrides::default()).rate_per_second, 10);
    }

    /// Zero CPU would mean "no limit" to a careless reader, so it cannot be written.
    #[test]
    fn a_limit_that_cannot_be_armed_is_refused() {
        let zero = Overrides { cpu_ms: Some(0), ..Overrides::default() };
        assert_eq!(zero.check().map_err(|error| error.key), Err("cpu_ms"));
        assert!(Overrides::default().check().is_ok());
    }
}
