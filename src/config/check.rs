//! What it means: ranges and rules between keys.
//!
//! Pure: what was written in, a [`Config`] or the first thing that is wrong with it out.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::error::Invalid;
use super::overlay::Overlaid;
use super::written::{Admin, Cache, Edge, Isolates, Kv};
use super::{
    AdminConfig, AuthorityChoice, Config, EdgeConfig, EgressConfig, IsolateConfig, KvConfig, LogConfig, MetricsConfig,
    TenantConfig,
};
use crate::cache;
use crate::cage::CagePolicy;
use crate::deployment::SecretText;
use crate::limits::{Limits, Overrides};
use crate::listener::{CertificateFiles, ListenerConfig};

/// Checks everything.
pub(super) fn mean(overlaid: &Overlaid) -> Result<Config, Invalid> {
    let (written, default) = (&overlaid.written, Config::default());
    let data_dir = written.data_dir.clone().unwrap_or(default.data_dir);
    if data_dir.as_os_str().is_empty() {
        return Err(Invalid::new("data_dir", "\"\"", "a folder"));
    }
    let edge = edge(&written.edge, &default.edge)?;
    let admin = admin(&written.admin, overlaid.token.clone(), &default.admin)?;
    if edge.listener.listen == admin.listen && admin.listen.port() != 0 {
        return Err(Invalid::new("admin.listen", admin.listen, "another address than edge.listen"));
    }
    let limits = limits(&written.limits)?;
    let isolates = isolates(&written.isolates, &default.isolates)?;
    if isolates.memory_bytes_max < limits.memory_bytes_max {
        let expected = format!("at least limits.memory_bytes_max, {}", limits.memory_bytes_max);
        return Err(Invalid::new("isolates.memory_bytes_max", isolates.memory_bytes_max, expected));
    }
    let (tenants, metrics) = (&written.tenants, &written.metrics);
    let namespaces_max = number("tenants.namespaces_max", tenants.namespaces_max, 0..=1_000_000)?;
    Ok(Config {
        data_dir,
        cage: match written.require_sandbox {
            Some(true) => CagePolicy::Required,
            Some(false) => CagePolicy::WherePossible,
            None => default.cage,
        },
        drain_for: seconds("drain_seconds", written.drain_seconds, 0..=3_600)?.unwrap_or(default.drain_for),
        edge,
        admin,
        limits,
        tenants: TenantConfig {
            scripts_max: number("tenants.scripts_max", tenants.scripts_max, 1..=1_000_000)?
                .unwrap_or(default.tenants.scripts_max),
            namespaces_max: namespaces_max.unwrap_or(default.tenants.namespaces_max),
        },
        isolates,
        egress: EgressConfig { allow: ranges("egress.allow", written.egress.allow.as_deref())? },
        kv: kv(&written.kv, &default.kv)?,
        cache: cache(&written.cache, &default.cache)?,
        logs: LogConfig {
            level: written.logs.level.unwrap_or(default.logs.level),
            format: written.logs.format.unwrap_or(default.logs.format),
        },
        metrics: MetricsConfig {
            label_pairs_max: number("metrics.label_pairs_max", metrics.label_pairs_max, 1..=1_000_000)?
                .unwrap_or(default.metrics.label_pairs_max),
        },
    })
}

fn edge(written: &Edge, default: &EdgeConfig) -> Result<EdgeConfig, Invalid> {
    let files = written.certificates.iter().flatten();
    let certificates = files.map(|pair| files_of(pair.certificate.clone(), pair.key.clone())).collect();
    let authority = match written.local_authority {
        Some(false) => AuthorityChoice::Nothing,
        Some(true) => AuthorityChoice::Local,
        None => default.authority,
    };
    Ok(EdgeConfig {
        domain: written.domain.as_deref().map_or_else(|| Ok(default.domain.clone()), domain)?,
        certificates,
        certificate_poll: seconds("edge.certificate_poll_seconds", written.certificate_poll_seconds, 1..=86_400)?
            .unwrap_or(default.certificate_poll),
        authority,
        listener: listener(written, &default.listener)?,
    })
}

fn listener(written: &Edge, default: &ListenerConfig) -> Result<ListenerConfig, Invalid> {
    let handshake = seconds("edge.handshake_seconds", written.handshake_seconds, 1..=600)?;
    let head = seconds("edge.head_seconds", written.head_seconds, 1..=600)?;
    let idle = seconds("edge.idle_seconds", written.idle_seconds, 1..=86_400)?;
    let write_stall = seconds("edge.write_stall_seconds", written.write_stall_seconds, 1..=86_400)?;
    let body_stall = seconds("edge.body_stall_seconds", written.body_stall_seconds, 1..=86_400)?;
    let per_address = number("edge.connections_per_address_max", written.connections_per_address_max, 1..=1_000_000)?;
    let streams = number("edge.streams_per_connection_max", written.streams_per_connection_max, 1..=10_000)?;
    Ok(ListenerConfig {
        listen: address("edge.listen", written.listen.as_deref())?.unwrap_or(default.listen),
        handshake_timeout: handshake.unwrap_or(default.handshake_timeout),
        head_timeout: head.unwrap_or(default.head_timeout),
        idle_timeout: idle.unwrap_or(default.idle_timeout),
        body_stall_timeout: body_stall.unwrap_or(default.body_stall_timeout),
        write_stall_timeout: write_stall.unwrap_or(default.write_stall_timeout),
        // hyper refuses longer URLs by itself, and longer heads than the two together may be.
        url_bytes_max: number("edge.url_bytes_max", written.url_bytes_max, 256..=65_534)?
            .unwrap_or(default.url_bytes_max),
        headers_bytes_max: number("edge.headers_bytes_max", written.headers_bytes_max, 1_024..=163_840)?
            .unwrap_or(default.headers_bytes_max),
        connections_max: number("edge.connections_max", written.connections_max, 1..=1_000_000)?
            .unwrap_or(default.connections_max),
        connections_per_address_max: per_address.unwrap_or(default.connections_per_address_max),
        streams_per_connection_max: streams.unwrap_or(default.streams_per_connection_max),
    })
}

fn admin(written: &Admin, token: Option<SecretText>, default: &AdminConfig) -> Result<AdminConfig, Invalid> {
    let listen = address("admin.listen", written.listen.as_deref())?.unwrap_or(default.listen);
    let tls = match (&written.certificate, &written.key) {
        (Some(certificate), Some(key)) => Some(files_of(certificate.clone(), key.clone())),
        (None, None) => None,
        (Some(path), None) => {
            return Err(Invalid::new("admin.certificate", path.display(), "admin.key beside it"));
        }
        (None, Some(path)) => {
            return Err(Invalid::new("admin.key", path.display(), "admin.certificate beside it"));
        }
    };
    if tls.is_none() && !listen.ip().to_canonical().is_loopback() {
        let expected = "a loopback address, or TLS by admin.certificate and admin.key: tokens must not travel in clear";
        return Err(Invalid::new("admin.listen", listen, expected));
    }
    if let Some(token) = &token {
        let text = token.expose();
        if !(1..=TOKEN_BYTES_MAX).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            let expected = format!("1 to {TOKEN_BYTES_MAX} visible ASCII characters without spaces");
            return Err(Invalid::new("admin.token", "what is not shown here", expected));
        }
    }
    Ok(AdminConfig { listen, tls, token })
}

fn limits(written: &Overrides) -> Result<Limits, Invalid> {
    written.check().map_err(|error| {
        Invalid::new(format!("limits.{}", error.key), error.value, format!("{} to {}", error.min, error.max))
    })?;
    Ok(Limits::default().with(written))
}

fn isolates(written: &Isolates, default: &IsolateConfig) -> Result<IsolateConfig, Invalid> {
    let memory = number("isolates.memory_bytes_max", written.memory_bytes_max, 16 << 20..=16 << 40)?;
    let lost = number("isolates.lost_memory_bytes_max", written.lost_memory_bytes_max, 0..=16 << 40)?;
    Ok(IsolateConfig {
        slots_max: number("isolates.slots_max", written.slots_max, 1..=4_096)?.unwrap_or(default.slots_max),
        memory_bytes_max: memory.unwrap_or(default.memory_bytes_max),
        idle: seconds("isolates.idle_seconds", written.idle_seconds, 1..=86_400)?.unwrap_or(default.idle),
        lost_memory_bytes_max: lost.unwrap_or(default.lost_memory_bytes_max),
        builders_max: number("isolates.builders_max", written.builders_max, 1..=64)?.unwrap_or(default.builders_max),
        ahead: number("isolates.ahead", written.ahead, 0..=64)?.unwrap_or(default.ahead),
    })
}

fn kv(written: &Kv, default: &KvConfig) -> Result<KvConfig, Invalid> {
    let namespace = number("kv.namespace_bytes_max", written.namespace_bytes_max, 1 << 20..=16 << 40)?;
    let kv = KvConfig {
        reader_threads: number("kv.reader_threads", written.reader_threads, 1..=256)?.unwrap_or(default.reader_threads),
        writer_threads: number("kv.writer_threads", written.writer_threads, 1..=256)?.unwrap_or(default.writer_threads),
        open_files_max: number("kv.open_files_max", written.open_files_max, 2..=65_536)?
            .unwrap_or(default.open_files_max),
        namespace_bytes_max: namespace.unwrap_or(default.namespace_bytes_max),
        recent_bytes_max: number("kv.recent_bytes_max", written.recent_bytes_max, 0..=1 << 40)?
            .unwrap_or(default.recent_bytes_max),
    };
    if kv.open_files_max < kv.reader_threads + kv.writer_threads {
        let expected = format!("at least one for each of the {} threads", kv.reader_threads + kv.writer_threads);
        return Err(Invalid::new("kv.open_files_max", kv.open_files_max, expected));
    }
    Ok(kv)
}

fn cache(written: &Cache, default: &cache::Config) -> Result<cache::Config, Invalid> {
    let tenant = number("cache.tenant_bytes_max", written.tenant_bytes_max, 0..=16 << 40)?;
    Ok(cache::Config {
        bytes_max: number("cache.bytes_max", written.bytes_max, 0..=16 << 40)?.unwrap_or(default.bytes_max),
        tenant_bytes_max: tenant.unwrap_or(default.tenant_bytes_max),
    })
}

fn number<T: TryFrom<u64>>(
    key: &'static str,
    written: Option<u64>,
    range: RangeInclusive<u64>,
) -> Result<Option<T>, Invalid> {
    let Some(value) = written else { return Ok(None) };
    let expected = || format!("{} to {}", range.start(), range.end());
    if !range.contains(&value) {
        return Err(Invalid::new(key, value, expected()));
    }
    T::try_from(value).map(Some).map_err(|_| Invalid::new(key, value, expected()))
}

fn seconds(key: &'static str, written: Option<u64>, range: RangeInclusive<u64>) -> Result<Option<Duration>, Invalid> {
    let expected = format!("{} to {} seconds", range.start(), range.end());
    match written {
        Some(value) if !range.contains(&value) => Err(Invalid::new(key, value, expected)),
        written => Ok(written.map(Duration::from_secs)),
    }
}

fn address(key: &'static str, written: Option<&str>) -> Result<Option<SocketAddr>, Invalid> {
    let Some(text) = written else { return Ok(None) };
    match text.parse() {
        Ok(address) => Ok(Some(address)),
        Err(_) => Err(Invalid::new(key, format!("{text:?}"), "an IP address and a port, like 127.0.0.1:8443")),
    }
}

fn domain(written: &str) -> Result<String, Invalid> {
    let name = written.to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // Two labels of 63 bytes and their dots go before it in a host name, which has 253.
    if name.len() > DOMAIN_BYTES_MAX || !name.split('.').all(is_label) || name.parse::<IpAddr>().is_ok() {
        let expected = format!("a domain name of at most {DOMAIN_BYTES_MAX} bytes, like example.com");
        return Err(Invalid::new("edge.domain", format!("{written:?}"), expected));
    }
    Ok(name)
}

fn ranges(key: &str, written: Option<&[String]>) -> Result<Vec<IpNet>, Invalid> {
    let parse = |(index, text): (usize, &String)| {
        let range = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        range.map(|range| range.trunc()).ok_or_else(|| {
            let expected = "an IP range, like 10.0.0.0/8 or fd00::/8";
            Invalid::new(format!("{key}[{index}]"), format!("{text:?}"), expected)
        })
    };
    written.unwrap_or_default().iter().enumerate().map(parse).collect()
}

fn files_of(certificate: PathBuf, key: PathBuf) -> CertificateFiles {
    CertificateFiles { certificate, key }
}

const TOKEN_BYTES_MAX: usize = 1_024;
const DOMAIN_BYTES_MAX: usize = 253 - 2 * 64;
