//! Rows and what they mean: the reading half of every table that describes scripts.
//!
//! Every query names the tenant, directly or through a script's row that was found by tenant. Functions that answer
//! `Option` leave it to the caller whether absence is an error.

use std::collections::HashSet;
use std::str::FromStr;

use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::de::DeserializeOwned;

use super::bindings::Kept;
use super::deployments::DeploymentRecord;
use super::error::{ControlError, Missing};
use super::scripts::{ScriptSettings, SubdomainFlags};
use super::tenants::Tenant;
use super::timestamp::Timestamp;
use super::versions::Version;
use crate::deployment::Start;
use crate::ids::{BlobHash, ScriptName, TenantId, TenantName, VersionId};

/// A script's own row.
#[derive(Debug, Clone)]
pub(super) struct ScriptRow {
    pub(super) row: i64,
    pub(super) name: ScriptName,
    pub(super) tag: String,
    pub(super) created_at: Timestamp,
    pub(super) modified_at: Timestamp,
    pub(super) subdomain: SubdomainFlags,
    pub(super) settings: ScriptSettings,
}

/// A version with what its tenant does not see.
#[derive(Debug, Clone)]
pub(super) struct VersionRow {
    pub(super) version: Version,
    pub(super) kept: Vec<Kept>,
    pub(super) code: BlobHash,
    pub(super) fingerprint: String,
    pub(super) assets: Option<BlobHash>,
}

impl VersionRow {
    /// The blobs it refers to.
    pub(super) fn blobs(&self) -> Vec<BlobHash> {
        let mut blobs = vec![self.code.clone()];
        if let Start::Snapshot { blob } = &self.version.start {
            blobs.push(blob.clone());
        }
        blobs.extend(self.assets.clone());
        blobs
    }
}

pub(super) fn tenant(connection: &Connection, id: &TenantId) -> Result<Tenant, ControlError> {
    let sql = format!("SELECT {TENANT} FROM tenants WHERE id = ?1");
    let found = connection.prepare_cached(&sql)?.query_row(params![id.as_str()], read_tenant).optional()?;
    found.ok_or(ControlError::NotFound { what: Missing::Tenant })
}

pub(super) fn tenant_by_subdomain(connection: &Connection, name: &TenantName) -> Result<Option<Tenant>, ControlError> {
    let sql = format!("SELECT {TENANT} FROM tenants WHERE subdomain = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row(params![name.as_str()], read_tenant).optional()?)
}

pub(super) fn read_tenant(row: &Row<'_>) -> rusqlite::Result<Tenant> {
    Ok(Tenant {
        id: text(row, 0)?,
        name: row.get(1)?,
        subdomain: text(row, 2)?,
        created_at: time(row, 3)?,
        limits: json(row, 4)?,
    })
}

pub(super) fn scripts(connection: &Connection, tenant: &TenantId) -> Result<Vec<ScriptRow>, ControlError> {
    let sql = format!("SELECT {SCRIPT} FROM scripts WHERE tenant = ?1 ORDER BY name");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![tenant.as_str()], read_script)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

pub(super) fn script_names(connection: &Connection, tenant: &TenantId) -> Result<HashSet<ScriptName>, ControlError> {
    let mut statement = connection.prepare_cached("SELECT name FROM scripts WHERE tenant = ?1")?;
    let rows = statement.query_map(params![tenant.as_str()], |row| text(row, 0))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

pub(super) fn scripts_count(connection: &Connection, tenant: &TenantId) -> Result<u32, ControlError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM scripts WHERE tenant = ?1")?;
    Ok(statement.query_row(params![tenant.as_str()], |row| row.get(0))?)
}

/// The script's row; another tenant's script of this name is not found.
pub(super) fn script(
    connection: &Connection,
    tenant: &TenantId,
    name: &ScriptName,
) -> Result<Option<ScriptRow>, ControlError> {
    let sql = format!("SELECT {SCRIPT} FROM scripts WHERE tenant = ?1 AND name = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row(params![tenant.as_str(), name.as_str()], read_script).optional()?)
}

/// As [`script`], where absence is the caller's error.
pub(super) fn script_or_not_found(
    connection: &Connection,
    tenant: &TenantId,
    name: &ScriptName,
) -> Result<ScriptRow, ControlError> {
    script(connection, tenant, name)?.ok_or(ControlError::NotFound { what: Missing::Script })
}

fn read_script(row: &Row<'_>) -> rusqlite::Result<ScriptRow> {
    Ok(ScriptRow {
        row: row.get(0)?,
        name: text(row, 1)?,
        tag: row.get(2)?,
        created_at: time(row, 3)?,
        modified_at: time(row, 4)?,
        subdomain: SubdomainFlags { enabled: row.get(5)?, previews_enabled: row.get(6)? },
        settings: json(row, 7)?,
    })
}

/// All versions of a script, newest first.
pub(super) fn versions(connection: &Connection, script: &ScriptRow) -> Result<Vec<VersionRow>, ControlError> {
    let sql = format!("SELECT {VERSION} FROM versions WHERE script = ?1 ORDER BY number DESC");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![script.row], read_version)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// The version with the highest number.
pub(super) fn latest(connection: &Connection, script: &ScriptRow) -> Result<Option<VersionRow>, ControlError> {
    let sql = format!("SELECT {VERSION} FROM versions WHERE script = ?1 ORDER BY number DESC LIMIT 1");
    Ok(connection.prepare_cached(&sql)?.query_row(params![script.row], read_version).optional()?)
}

pub(super) fn version(
    connection: &Connection,
    script: &ScriptRow,
    id: &VersionId,
) -> Result<Option<VersionRow>, ControlError> {
    let sql = format!("SELECT {VERSION} FROM versions WHERE script = ?1 AND id = ?2");
    Ok(connection.prepare_cached(&sql)?.query_row(params![script.row, id.as_str()], read_version).optional()?)
}

fn read_version(row: &Row<'_>) -> rusqlite::Result<VersionRow> {
    let kept: Vec<Kept> = json(row, 6)?;
    let snapshot: Option<String> = row.get(14)?;
    let start = match snapshot {
        Some(_) => Start::Snapshot { blob: text(row, 14)? },
        None => Start::Plain { reason: row.get(15)? },
    };
    let code: BlobHash = text(row, 13)?;
    let version = Version {
        id: text(row, 0)?,
        number: row.get(1)?,
        created_at: time(row, 2)?,
        author: row.get(3)?,
        source: row.get(4)?,
        annotations: json(row, 5)?,
        bindings: kept.iter().map(Kept::view).collect(),
        limits: json(row, 7)?,
        compatibility_date: row.get(8)?,
        compatibility_flags: json(row, 9)?,
        syntax: json(row, 10)?,
        main_module: row.get(11)?,
        handlers: json(row, 12)?,
        start,
        startup_cpu_ms: row.get(17)?,
        has_assets: row.get::<_, Option<String>>(18)?.is_some(),
        etag: etag(&code, &row.get::<_, String>(6)?, row.get::<_, Option<String>>(18)?.as_deref()),
    };
    let assets = row.get::<_, Option<String>>(18)?.map(|_| text(row, 18)).transpose()?;
    Ok(VersionRow { version, kept, code, fingerprint: row.get(16)?, assets })
}

/// Changes with the code, the stored bindings and the assets.
fn etag(code: &BlobHash, bindings: &str, assets: Option<&str>) -> String {
    BlobHash::of(format!("{code}{bindings}{}", assets.unwrap_or_default()).as_bytes()).as_str().to_owned()
}

/// The deployments of a script, newest first.
pub(super) fn deployments(
    connection: &Connection,
    script: &ScriptRow,
    count_max: u32,
) -> Result<Vec<DeploymentRecord>, ControlError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, created_ms, author, source, annotations, versions FROM deployments WHERE script = ?1
         ORDER BY seq DESC LIMIT ?2",
    )?;
    let read = |row: &Row<'_>| {
        Ok(DeploymentRecord {
            id: text(row, 0)?,
            created_at: time(row, 1)?,
            author: row.get(2)?,
            source: row.get(3)?,
            annotations: json(row, 4)?,
            versions: json(row, 5)?,
        })
    };
    let rows = statement.query_map(params![script.row, count_max], read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// What serves.
pub(super) fn deployed(connection: &Connection, script: &ScriptRow) -> Result<Option<DeploymentRecord>, ControlError> {
    Ok(deployments(connection, script, 1)?.pop())
}

/// A column that holds an id or a name.
pub(super) fn text<T: FromStr>(row: &Row<'_>, index: usize) -> rusqlite::Result<T> {
    row.get::<_, String>(index)?.parse().map_err(|_| FromSqlError::InvalidType.into_column(index))
}

/// A column that holds JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, index: usize) -> rusqlite::Result<T> {
    // The message of serde_json may repeat what it read, so it is left out.
    serde_json::from_str(row.get_ref(index)?.as_str()?).map_err(|_| FromSqlError::InvalidType.into_column(index))
}

/// A column that holds milliseconds.
pub(super) fn time(row: &Row<'_>, index: usize) -> rusqlite::Result<Timestamp> {
    row.get(index).map(Timestamp::from_millis)
}

trait IntoColumn {
    fn into_column(self, index: usize) -> rusqlite::Error;
}

impl IntoColumn for FromSqlError {
    fn into_column(self, index: usize) -> rusqlite::Error {
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(self))
    }
}

/// Columns of a tenant, in the order they are read.
pub(super) const TENANT: &str = "id, name, subdomain, created_ms, limits";

const SCRIPT: &str = "id, name, tag, created_ms, modified_ms, enabled, previews, settings";

const VERSION: &str = "id, number, created_ms, author, source, annotations, bindings, limits, compatibility_date,
    compatibility_flags, syntax, main_module, handlers, code, snapshot, plain_reason, fingerprint, startup_cpu_ms, assets";
