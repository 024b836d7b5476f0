//! The environment and the flags, laid over what was written in the file.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as ValueError;

use super::error::Invalid;
use super::written::Written;
use super::{ConfigError, LogFormat, LogLevel, Origin};
use crate::deployment::SecretText;

/// What flags can set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<SocketAddr>,
    /// `--admin-listen`.
    pub admin_listen: Option<SocketAddr>,
    /// `--domain`.
    pub domain: Option<String>,
}

/// What was written anywhere.
#[derive(Debug)]
pub(super) struct Overlaid {
    pub(super) written: Written,
    pub(super) token: Option<SecretText>,
    /// Keys that do not come from the file.
    origins: HashMap<&'static str, &'static str>,
}

/// Lays them over each other.
pub(super) fn overlay(
    mut written: Written,
    environment: impl Fn(&str) -> Option<String>,
    flags: &Flags,
) -> Result<Overlaid, ConfigError> {
    let mut origins = HashMap::new();
    // The flag if there is one, else the variable, else what is there.
    let mut pick = |slot: &mut Option<String>, key, variable, flag_name, flag: Option<String>| {
        let found = match flag {
            Some(value) => Some((value, flag_name)),
            None => environment(variable).map(|value| (value, variable)),
        };
        if let Some((value, origin)) = found {
            *slot = Some(value);
            origins.insert(key, origin);
        }
    };
    let edge = &mut written.edge;
    pick(&mut edge.listen, "edge.listen", "EYOT_LISTEN", "--listen", flags.listen.map(|address| address.to_string()));
    pick(&mut edge.domain, "edge.domain", "EYOT_DOMAIN", "--domain", flags.domain.clone());
    let admin_listen = flags.admin_listen.map(|address| address.to_string());
    pick(&mut written.admin.listen, "admin.listen", "EYOT_ADMIN_LISTEN", "--admin-listen", admin_listen);
    let mut level = None;
    pick(&mut level, "logs.level", "EYOT_LOG", "", None);
    let mut format = None;
    pick(&mut format, "logs.format", "EYOT_LOG_FORMAT", "", None);
    let mut token = None;
    pick(&mut token, "admin.token", "EYOT_ADMIN_TOKEN", "", None);

    if let Some(dir) = flags.data.clone().or_else(|| environment("EYOT_DATA").map(PathBuf::from)) {
        written.data_dir = Some(dir);
        origins.insert("data_dir", if flags.data.is_some() { "--data" } else { "EYOT_DATA" });
    }
    if let Some(text) = level {
        let level = LogLevel::deserialize(text.as_str().into_deserializer());
        written.logs.level = Some(level.map_err(|error: ValueError| {
            Invalid::new("logs.level", &text, error.to_string()).at(Origin::Named("EYOT_LOG"))
        })?);
    }
    if let Some(text) = format {
        let format = LogFormat::deserialize(text.as_str().into_deserializer());
        written.logs.format = Some(format.map_err(|error: ValueError| {
            Invalid::new("logs.format", &text, error.to_string()).at(Origin::Named("EYOT_LOG_FORMAT"))
        })?);
    }
    Ok(Overlaid { written, token: token.map(SecretText::new), origins })
}

impl Overlaid {
    /// Where a key's value comes from.
    pub(super) fn origin(&self, key: &str, path: &Path, text: &str) -> Origin {
        match self.origins.get(key) {
            Some(name) => Origin::Named(name),
            None => Origin::in_file(key, path, text),
        }
    }
}
