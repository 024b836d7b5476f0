//! What tenants have used: exact sums by script, kept across restarts.
//!
//! Sums come in batches and are added in one transaction, which is no change anybody made: the audit log does not hear of
//! it. The sums of a removed script stay with its tenant.

use rusqlite::{Row, params};
use serde::Serialize;

use super::error::ControlError;
use super::{Control, records};
use crate::ids::{ScriptName, TenantId};
use crate::observe::usage::Usage;

/// The sums of one script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptUsage {
    /// The script.
    pub script: ScriptName,
    /// What it has used.
    #[serde(flatten)]
    pub used: Usage,
}

impl Control {
    /// Adds to the sums; those of tenants that are gone are dropped.
    ///
    /// # Errors
    /// When nothing was added.
    pub async fn add_usage(&self, batch: Vec<(TenantId, ScriptName, Usage)>) -> Result<(), ControlError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.inner
            .database
            .call(move |connection| {
                let transaction = connection.transaction()?;
                {
                    let mut add = transaction.prepare_cached(ADD)?;
                    for (tenant, script, used) in &batch {
                        let column = |sum: u64| i64::try_from(sum).unwrap_or(i64::MAX);
                        add.execute(params![
                            tenant.as_str(),
                            script.as_str(),
                            column(used.requests),
                            column(used.cpu_us),
                            column(used.wall_us),
                            column(used.mib_us),
                            column(used.kv_reads),
                            column(used.kv_writes),
                            column(used.kv_deletes),
                            column(used.kv_lists),
                            column(used.bytes_in),
                            column(used.bytes_out),
                        ])?;
                    }
                }
                transaction.commit()?;
                Ok(())
            })
            .await
    }

    /// The sums of a tenant's scripts, by name.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn usage(&self, tenant: &TenantId) -> Result<Vec<ScriptUsage>, ControlError> {
        let tenant = tenant.clone();
        self.read(move |_, connection| {
            records::tenant(connection, &tenant)?;
            let mut statement = connection.prepare_cached(
                "SELECT script, requests, cpu_us, wall_us, mib_us, kv_reads, kv_writes, kv_deletes, kv_lists, bytes_in,
                 bytes_out FROM usage WHERE tenant = ?1 ORDER BY script",
            )?;
            let read = |row: &Row<'_>| {
                let sum = |index| row.get::<_, i64>(index).map(|sum| u64::try_from(sum).unwrap_or(0));
                let used = Usage {
                    requests: sum(1)?,
                    cpu_us: sum(2)?,
                    wall_us: sum(3)?,
                    mib_us: sum(4)?,
                    kv_reads: sum(5)?,
                    kv_writes: sum(6)?,
                    kv_deletes: sum(7)?,
                    kv_lists: sum(8)?,
                    bytes_in: sum(9)?,
                    bytes_out: sum(10)?,
                };
                Ok(ScriptUsage { script: records::text(row, 0)?, used })
            };
            Ok(statement.query_map(params![tenant.as_str()], read)?.collect::<Result<_, _>>()?)
        })
        .await
    }
}

const ADD: &str = "INSERT INTO usage (tenant, script, requests, cpu_us, wall_us, mib_us, kv_reads, kv_writes, kv_deletes,
        kv_lists, bytes_in, bytes_out)
    SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM tenants WHERE id = ?1
    ON CONFLICT (tenant, script) DO UPDATE SET requests = requests + excluded.requests, cpu_us = cpu_us + excluded.cpu_us,
        wall_us = wall_us + excluded.wall_us, mib_us = mib_us + excluded.mib_us, kv_reads = kv_reads + excluded.kv_reads,
        kv_writes = kv_writes + excluded.kv_writes, kv_deletes = kv_deletes + excluded.kv_deletes,
        kv_lists = kv_lists + excluded.kv_lists, bytes_in = bytes_in + excluded.bytes_in,
        bytes_out = bytes_out + excluded.bytes_out";
