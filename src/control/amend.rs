//! Amendments: a new version out of the latest one and some changes, as for settings, code alone, and secrets.

use std::sync::Arc;

use super::accept::{Base, Draft};
use super::audit::Actor;
use super::bindings::{self, Kept, KeptKind, UploadBinding, UploadKind};
use super::error::{ControlError, Missing};
use super::scripts::SettingsChange;
use super::seal::Place;
use super::upload::{Annotations, Deploy, Uploaded};
use super::{Control, records};
use crate::deployment::SecretText;
use crate::ids::{ScriptName, TenantId};
use crate::limits::Overrides;
use crate::script::Code;

/// Changes to the latest version that make a new one; absent parts stay as they are.
#[derive(Debug, Clone, Default)]
pub struct Amendment {
    /// Other code.
    pub code: Option<Code>,
    /// Other bindings; all of them, with `inherit` and [`Amendment::keep_bindings`] as in an upload.
    pub bindings: Option<Vec<UploadBinding>>,
    /// See [`Upload::keep_bindings`].
    pub keep_bindings: Vec<String>,
    /// Other lowered limits.
    pub limits: Option<Overrides>,
    /// Another `compatibility_date`.
    pub compatibility_date: Option<String>,
    /// Other `compatibility_flags`.
    pub compatibility_flags: Option<Vec<String>>,
    /// Secrets to be put or removed.
    pub secrets: Vec<SecretChange>,
    /// `workers/message`, … of the new version.
    pub annotations: Annotations,
    /// Settings outside the version.
    pub settings: SettingsChange,
    /// What makes it: `wrangler`, `secret`, …
    pub source: String,
}

/// A secret to be put or removed.
#[derive(Debug, Clone)]
pub struct SecretChange {
    /// Its name.
    pub name: String,
    /// Its text; nothing removes it.
    pub text: Option<SecretText>,
}

impl Control {
    /// Makes a new version out of the latest one and some changes: settings, code alone, secrets.
    ///
    /// # Errors
    /// As [`Control::upload`]; `LatestNotDeployed` with [`Deploy::Now`] when that would deploy more than the change;
    /// `NotFound` for a secret that is to be removed and is not there.
    pub async fn amend(
        &self,
        by: &Actor,
        tenant: &TenantId,
        script: &ScriptName,
        amendment: Amendment,
        deploy: Deploy,
    ) -> Result<Uploaded, ControlError> {
        let _turn = self.inner.script_locks.enter(tenant, script).await?;
        let base = self.base(tenant, script).await?;
        if base.script.is_none() {
            return Err(ControlError::NotFound { what: Missing::Script });
        }
        let latest = base.latest.as_ref().ok_or(ControlError::NoVersions)?;
        if deploy == Deploy::Now && !base.latest_serves_alone() {
            return Err(ControlError::LatestNotDeployed);
        }
        let mut code = match amendment.code {
            Some(code) => code,
            None => Arc::unwrap_or_clone(self.load_code(&latest.code).await?),
        };
        if let Some(date) = amendment.compatibility_date {
            code.compatibility_date = date;
        }
        if let Some(flags) = amendment.compatibility_flags {
            code.compatibility_flags = flags;
        }
        let uploaded = amendment.bindings.unwrap_or_else(|| inherit_all(&latest.kept));
        let mut kept = self.resolve(&base, script, &code, &uploaded, &latest.kept, &amendment.keep_bindings)?;
        let action = if amendment.secrets.is_empty() { "script.amend" } else { "script.secrets" };
        self.apply_secrets(&base, script, &mut kept, amendment.secrets)?;
        let draft = Draft {
            code: Arc::new(code),
            kept,
            limits: amendment.limits.unwrap_or_else(|| latest.version.limits.clone()),
            annotations: amendment.annotations,
            settings: amendment.settings,
            source: amendment.source,
            action,
            deploy,
        };
        self.accept(by, base, script, draft).await
    }

    /// Names of the secrets of the latest version, sorted.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn secrets(&self, tenant: &TenantId, script: &ScriptName) -> Result<Vec<String>, ControlError> {
        let (tenant, script) = (tenant.clone(), script.clone());
        let latest = self.read(move |_, connection| {
            let script = records::script_or_not_found(connection, &tenant, &script)?;
            records::latest(connection, &script)
        });
        let kept = latest.await?.map(|latest| latest.kept).unwrap_or_default();
        let mut names: Vec<String> = kept.into_iter().filter(is_secret).map(|binding| binding.name).collect();
        names.sort();
        Ok(names)
    }

    fn apply_secrets(
        &self,
        base: &Base,
        script: &ScriptName,
        kept: &mut Vec<Kept>,
        changes: Vec<SecretChange>,
    ) -> Result<(), ControlError> {
        for change in changes {
            bindings::check_name(&change.name)?;
            let at = kept.iter().position(|binding| binding.name == change.name);
            if at.is_some_and(|at| !is_secret(&kept[at])) {
                let reason = "another binding has this name".to_owned();
                return Err(ControlError::InvalidBinding { name: change.name, reason });
            }
            match (change.text, at) {
                (Some(text), at) => {
                    bindings::check_size(&change.name, text.expose().len())?;
                    let place = Place { tenant: &base.tenant.id, script, name: &change.name };
                    let kind = KeptKind::SecretText { sealed: self.inner.secrets.seal(place, &text)? };
                    match at {
                        Some(at) => kept[at].kind = kind,
                        None => kept.push(Kept { name: change.name, kind }),
                    }
                }
                (None, Some(at)) => drop(kept.remove(at)),
                (None, None) => return Err(ControlError::NotFound { what: Missing::Secret }),
            }
        }
        bindings::check_counts(kept)
    }
}

fn is_secret(binding: &Kept) -> bool {
    matches!(binding.kind, KeptKind::SecretText { .. })
}

fn inherit_all(kept: &[Kept]) -> Vec<UploadBinding> {
    let inherit =
        |binding: &Kept| UploadBinding { name: binding.name.clone(), kind: UploadKind::Inherit { old_name: None } };
    kept.iter().map(inherit).collect()
}
