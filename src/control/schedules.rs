//! Cron triggers: which expressions each script has, and when they last fired.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

use super::audit::Actor;
use super::error::ControlError;
use super::timestamp::Timestamp;
use super::{Control, records};
use crate::ids::{ScriptName, TenantId, TenantName};

/// One expression of a script, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// The expression, as it was sent.
    pub cron: String,
    /// When the script got it.
    pub created_on: Timestamp,
    /// When it last changed, which is when the script got it.
    pub modified_on: Timestamp,
}

/// One expression and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// The tenant's label.
    pub tenant: TenantName,
    /// The script.
    pub script: ScriptName,
    /// The expression.
    pub cron: String,
}

impl Control {
    /// The expressions of a script.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn schedules(&self, tenant: &TenantId, name: &ScriptName) -> Result<Vec<Schedule>, ControlError> {
        let (tenant, name) = (tenant.clone(), name.clone());
        self.read(move |_, connection| {
            let script = records::script_or_not_found(connection, &tenant, &name)?;
            of_script(connection, script.row)
        })
        .await
    }

    /// Replaces the expressions of a script; those it had already keep their age. The caller has parsed them.
    ///
    /// # Errors
    /// `NotFound`, `TooMany`.
    pub async fn replace_schedules(
        &self,
        by: &Actor,
        tenant: &TenantId,
        name: &ScriptName,
        crons: BTreeSet<String>,
    ) -> Result<Vec<Schedule>, ControlError> {
        if crons.len() > SCHEDULES_MAX as usize {
            return Err(ControlError::TooMany { what: "cron triggers of a script", max: SCHEDULES_MAX });
        }
        let (tenant, name) = (tenant.clone(), name.clone());
        self.change(by, move |change| {
            let script = records::script_or_not_found(&change.transaction, &tenant, &name)?;
            let before = of_script(&change.transaction, script.row)?;
            for gone in before.iter().filter(|schedule| !crons.contains(&schedule.cron)) {
                let delete = "DELETE FROM schedules WHERE script = ?1 AND cron = ?2";
                change.transaction.execute(delete, params![script.row, gone.cron])?;
            }
            for cron in crons.iter().filter(|cron| !before.iter().any(|schedule| schedule.cron == **cron)) {
                let insert = "INSERT INTO schedules (script, cron, created_ms) VALUES (?1, ?2, ?3)";
                change.transaction.execute(insert, params![script.row, cron, change.now.millis()])?;
            }
            change.audit(&tenant, "script.schedules", name.as_str())?;
            of_script(&change.transaction, script.row)
        })
        .await
    }

    /// The minute for which schedules fired last, counted from 1970.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_tick(&self) -> Result<Option<i64>, ControlError> {
        self.read(|_, connection| {
            Ok(connection.query_row("SELECT minute FROM last_tick", [], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// Notes that this minute fires, on disk, and gives every expression there is.
    ///
    /// # Errors
    /// When it cannot be noted; nothing may fire then.
    pub async fn begin_tick(&self, minute: i64) -> Result<Vec<Scheduled>, ControlError> {
        self.inner
            .database
            .call(move |connection| {
                let schedules = every(connection)?;
                if !schedules.is_empty() {
                    let note = "INSERT INTO last_tick (id, minute) VALUES (1, ?1)
                        ON CONFLICT (id) DO UPDATE SET minute = excluded.minute";
                    connection.execute(note, params![minute])?;
                }
                Ok(schedules)
            })
            .await
    }
}

fn of_script(connection: &Connection, script: i64) -> Result<Vec<Schedule>, ControlError> {
    let mut statement = connection
        .prepare_cached("SELECT cron, created_ms FROM schedules WHERE script = ?1 ORDER BY created_ms, cron")?;
    let read = |row: &Row<'_>| {
        let created_on = records::time(row, 1)?;
        Ok(Schedule { cron: row.get(0)?, created_on, modified_on: created_on })
    };
    Ok(statement.query_map(params![script], read)?.collect::<Result<_, _>>()?)
}

fn every(connection: &Connection) -> Result<Vec<Scheduled>, ControlError> {
    let mut statement = connection.prepare_cached(
        "SELECT tenants.subdomain, scripts.name, schedules.cron FROM schedules
         JOIN scripts ON scripts.id = schedules.script JOIN tenants ON tenants.id = scripts.tenant",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Scheduled { tenant: records::text(row, 0)?, script: records::text(row, 1)?, cron: row.get(2)? })
    };
    Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// Expressions of one script.
const SCHEDULES_MAX: u32 = 100;
