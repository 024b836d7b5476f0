//! Filters: which runs a tail is told of, in the shapes that wrangler sends.
//!
//! Every filter must take a run. Of a list within one, any item may.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::Value;

use crate::deployment::Deployment;
use crate::isolate::{Outcome, Trace, TracedEvent};

/// The filters of one tail.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filters(Vec<Filter>);

/// Why filters cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("use filter {shown}: {reason}")]
pub struct FilterError {
    shown: String,
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Filter {
    SamplingRate(f64),
    Outcome(Vec<String>),
    Method(Vec<String>),
    Header(HeaderFilter),
    ClientIp(Vec<String>),
    Query(String),
    #[serde(rename = "scriptVersion")]
    ScriptVersion(String),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct HeaderFilter {
    key: String,
    query: Option<String>,
}

impl Filters {
    /// Reads a list of filters, each an object with one field. `asker` is who asks, which `self` stands for.
    ///
    /// # Errors
    /// [`FilterError`] naming the first that cannot be used.
    pub fn parse(list: &[Value], asker: Option<IpAddr>) -> Result<Self, FilterError> {
        let wrong =
            |value: &Value, reason| Err(FilterError { shown: value.to_string().chars().take(100).collect(), reason });
        if list.len() > FILTERS_MAX {
            return wrong(&Value::Null, "there are too many");
        }
        let mut filters = Vec::with_capacity(list.len());
        for value in list {
            let Ok(mut filter) = serde_json::from_value::<Filter>(value.clone()) else {
                return wrong(value, "there is none of this kind");
            };
            match &mut filter {
                Filter::SamplingRate(rate) if !(*rate > 0.0 && *rate <= 1.0) => {
                    return wrong(value, "a sampling rate is above 0 and at most 1");
                }
                Filter::ClientIp(addresses) => {
                    for address in addresses.iter_mut().filter(|address| *address == "self") {
                        *address = asker.map_or_else(String::new, |asker| asker.to_canonical().to_string());
                    }
                }
                Filter::Header(header) => header.key.make_ascii_lowercase(),
                _ => {}
            }
            filters.push(filter);
        }
        Ok(Self(filters))
    }

    /// Whether a run is to be told of.
    pub(super) fn take(&self, deployment: &Deployment, trace: &Trace) -> bool {
        self.0.iter().all(|filter| filter.takes(deployment, trace))
    }
}

impl Filter {
    fn takes(&self, deployment: &Deployment, trace: &Trace) -> bool {
        let headers = match &trace.event {
            TracedEvent::Request { headers, .. } => headers.as_slice(),
            _ => &[],
        };
        match self {
            // The ray is random, and the same for every tail.
            Self::SamplingRate(rate) => {
                let drawn = u32::from_str_radix(trace.ray.as_str().get(..8).unwrap_or_default(), 16).unwrap_or(0);
                f64::from(drawn) < rate * f64::from(u32::MAX)
            }
            Self::Outcome(outcomes) => {
                let word = if is_known(trace.outcome) { trace.outcome.as_str() } else { "unknown" };
                outcomes.iter().any(|outcome| outcome == word || outcome == trace.outcome.as_str())
            }
            Self::Method(methods) => match &trace.event {
                TracedEvent::Request { method, .. } => methods.iter().any(|wanted| wanted.eq_ignore_ascii_case(method)),
                _ => false,
            },
            Self::Header(HeaderFilter { key, query }) => headers
                .iter()
                .any(|(name, value)| name == key && query.as_ref().is_none_or(|query| value.contains(query.as_str()))),
            Self::ClientIp(addresses) => headers.iter().any(|(name, value)| {
                name == "cf-connecting-ip" && addresses.iter().any(|wanted| is_same(wanted, value))
            }),
            Self::Query(text) => {
                trace.lines.iter().any(|line| line.values.contains(text.as_str()))
                    || trace.exceptions.iter().any(|exception| exception.message.contains(text.as_str()))
            }
            Self::ScriptVersion(version) => deployment.version.as_str() == version,
        }
    }
}

fn is_same(wanted: &str, address: &str) -> bool {
    let canonical = |text: &str| text.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    canonical(wanted).is_some_and(|wanted| canonical(address) == Some(wanted))
}

/// Whether Cloudflare has this outcome, too.
const fn is_known(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Ok | Outcome::Exception | Outcome::ExceededCpu | Outcome::ExceededMemory | Outcome::Canceled
    )
}

/// Filters of one tail.
const FILTERS_MAX: usize = 20;
