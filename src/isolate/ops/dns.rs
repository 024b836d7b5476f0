//! Names for `node:dns`, by the system's resolver: addresses as programs of this machine see them, and records.
//!
//! What is known of a name tells nothing that the egress policy hides: an address is not a connection to it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use deno_core::{OpState, op2, serde_json};
use deno_error::JsErrorBox;
use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use serde_json::{Value, json};

/// The addresses of a name.
#[op2]
#[serde]
pub(crate) async fn op_eyot_dns_lookup(#[string] name: String) -> Result<Vec<String>, JsErrorBox> {
    checked(&name)?;
    let found = tokio::time::timeout(ANSWERED_WITHIN, tokio::net::lookup_host((name.as_str(), 0))).await;
    let found = found.map_err(|_| coded("ETIMEOUT"))?.map_err(|_| coded("ENOTFOUND"))?;
    let mut addresses: Vec<String> = found.map(|address| address.ip().to_string()).take(ANSWERS_MAX).collect();
    addresses.dedup();
    Ok(addresses)
}

/// The records of a name, of one type.
#[op2]
#[serde]
pub(crate) async fn op_eyot_dns_records(
    state: Rc<RefCell<OpState>>,
    #[string] name: String,
    #[string] kind: String,
) -> Result<Vec<Value>, JsErrorBox> {
    checked(&name)?;
    let kind = match kind.as_str() {
        "A" => RecordType::A,
        "AAAA" => RecordType::AAAA,
        "CAA" => RecordType::CAA,
        "CNAME" => RecordType::CNAME,
        "MX" => RecordType::MX,
        "NAPTR" => RecordType::NAPTR,
        "NS" => RecordType::NS,
        "PTR" => RecordType::PTR,
        "SOA" => RecordType::SOA,
        "SRV" => RecordType::SRV,
        "TXT" => RecordType::TXT,
        _ => return Err(coded("ENOTIMP")),
    };
    let resolver = resolver(&state)?;
    let name = if name.ends_with('.') { name } else { format!("{name}.") };
    let found = tokio::time::timeout(ANSWERED_WITHIN, resolver.lookup(name, kind)).await;
    let found = found.map_err(|_| coded("ETIMEOUT"))?.map_err(|error| {
        coded(match (error.is_nx_domain(), error.is_no_records_found()) {
            (true, _) => "ENOTFOUND",
            (_, true) => "ENODATA",
            _ => "ESERVFAIL",
        })
    })?;
    let records = found.record_iter().filter(|record| record.record_type() == kind).take(ANSWERS_MAX);
    Ok(records.filter_map(shown).collect())
}

/// One record as `dns.resolveAny` has it.
fn shown(record: &Record) -> Option<Value> {
    let name = |name: &hickory_resolver::Name| name.to_utf8().trim_end_matches('.').to_owned();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(match record.data() {
        RData::A(address) => json!({ "address": address.to_string(), "ttl": record.ttl() }),
        RData::AAAA(address) => json!({ "address": address.to_string(), "ttl": record.ttl() }),
        RData::CNAME(target) => json!({ "value": name(target) }),
        RData::NS(target) => json!({ "value": name(target) }),
        RData::PTR(target) => json!({ "value": name(target) }),
        RData::MX(mx) => json!({ "exchange": name(mx.exchange()), "priority": mx.preference() }),
        RData::TXT(txt) => json!({ "entries": txt.iter().map(|part| text(part)).collect::<Vec<_>>() }),
        RData::SRV(srv) => json!({
            "name": name(srv.target()), "port": srv.port(), "priority": srv.priority(), "weight": srv.weight(),
        }),
        RData::SOA(soa) => json!({
            "nsname": name(soa.mname()), "hostmaster": name(soa.rname()), "serial": soa.serial(), "refresh": soa.refresh(),
            "retry": soa.retry(), "expire": soa.expire(), "minttl": soa.minimum(),
        }),
        RData::NAPTR(naptr) => json!({
            "flags": text(naptr.flags()), "service": text(naptr.services()), "regexp": text(naptr.regexp()),
            "replacement": name(naptr.replacement()), "order": naptr.order(), "preference": naptr.preference(),
        }),
        RData::CAA(caa) => json!({
            "critical": if caa.issuer_critical() { 128 } else { 0 }, "tag": caa.tag().as_str(), "value": text(caa.raw_value()),
        }),
        _ => return None,
    })
}

/// The one of this isolate, made when it is first asked.
fn resolver(state: &Rc<RefCell<OpState>>) -> Result<Rc<TokioResolver>, JsErrorBox> {
    let mut state = state.borrow_mut();
    if let Some(resolver) = state.try_borrow::<Rc<TokioResolver>>() {
        return Ok(Rc::clone(resolver));
    }
    let mut builder = TokioResolver::builder_tokio().map_err(|_| coded("ECONNREFUSED"))?;
    // What is remembered for one tenant's names would be the memory of nobody.
    builder.options_mut().cache_size = 0;
    let resolver = Rc::new(builder.build());
    state.put(Rc::clone(&resolver));
    Ok(resolver)
}

fn checked(name: &str) -> Result<(), JsErrorBox> {
    (name.len() <= NAME_BYTES_MAX && !name.is_empty()).then_some(()).ok_or_else(|| coded("EBADNAME"))
}

fn coded(code: &str) -> JsErrorBox {
    JsErrorBox::generic(code.to_owned())
}

/// RFC 1035, 2.3.4.
const NAME_BYTES_MAX: usize = 255;

/// More than any answer that fits in a datagram holds.
const ANSWERS_MAX: usize = 1_000;

const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
