//! Amendments: a new version out of the latest one and some changes, as for settings, code alone, and secrets.

use std::sync::Arc;

use super::accept::{Base, Draft, DraftAssets};
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
    /// See [`super::Upload::keep_bindings`].
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
            assets: DraftAssets::Kept(latest.assets.clone()),
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, plain, script, secret, upload};
    use super::*;
    use crate::deployment::Binding;

    fn put(name: &str, text: &str) -> Amendment {
        let text = Some(SecretText::new(text.to_owned()));
        Amendment { secrets: vec![SecretChange { name: name.to_owned(), text }], ..Amendment::default() }
    }

    fn delete(name: &str) -> Amendment {
        Amendment { secrets: vec![SecretChange { name: name.to_owned(), text: None }], ..Amendment::default() }
    }

    async fn amend(world: &World, tenant: &TenantId, amendment: Amendment) -> Result<Uploaded, ControlError> {
        world.control.amend(&Actor::Operator, tenant, &script("hello"), amendment, Deploy::Now).await
    }

    fn secrets_served(world: &World) -> Vec<(String, String)> {
        let served = world.served("acme", "hello").expect("serves");
        let bindings = served.versions[0].1.bindings.iter();
        let secret = |bound: &crate::deployment::NamedBinding| match &bound.binding {
            Binding::Secret(text) => Some((bound.name.clone(), text.expose().to_owned())),
            _ => None,
        };
        bindings.filter_map(secret).collect()
    }

    /// Puts, replaces and removes secrets; each makes a version that serves, with everything else as it was.
    #[tokio::test]
    async fn a_secret_that_was_put_serves_at_once() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        world.try_upload(&tenant, "hello", upload("one", &[plain("A", "1")])).await.expect("is accepted");
        let second = amend(&world, &tenant, put("KEY", "swordfish")).await.expect("is accepted");
        assert_eq!(second.version.number, 2);
        assert_eq!(second.version.bindings.len(), 2);
        assert_eq!(secrets_served(&world), [("KEY".to_owned(), "swordfish".to_owned())]);
        amend(&world, &tenant, put("KEY", "trout")).await.expect("is accepted");
        assert_eq!(secrets_served(&world), [("KEY".to_owned(), "trout".to_owned())]);
        assert_eq!(world.control.secrets(&tenant, &script("hello")).await.expect("lists"), ["KEY"]);
        amend(&world, &tenant, delete("KEY")).await.expect("is accepted");
        assert!(secrets_served(&world).is_empty());
        let error = amend(&world, &tenant, delete("KEY")).await.expect_err("is not there");
        assert!(matches!(error, ControlError::NotFound { what: Missing::Secret }));
        let error = amend(&world, &tenant, put("A", "x")).await.expect_err("is a variable");
        assert_eq!(error.code(), 10021);
        let error = amend(&world, &tenant, put("BIG", &"x".repeat(5_121))).await.expect_err("is too big");
        assert_eq!(error.code(), 10054);
    }

    /// Puts a secret while the latest version waits to be deployed.
    #[tokio::test]
    async fn a_secret_never_deploys_a_version_that_was_not() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        world.upload(&tenant, "hello", "one").await;
        let (by, name) = (Actor::Operator, script("hello"));
        world.control.upload(&by, &tenant, &name, upload("two", &[]), Deploy::Later).await.expect("is accepted");
        let before = world.everything().await;
        let error = amend(&world, &tenant, put("KEY", "x")).await.expect_err("is refused");
        assert_eq!(error.code(), 10215);
        assert!(world.everything().await == before);
        let third =
            world.control.amend(&by, &tenant, &name, put("KEY", "x"), Deploy::Later).await.expect("is accepted");
        assert_eq!((third.version.number, third.deployment), (3, None));
    }

    /// Changes code, date and limits alone; bindings and the rest stay.
    #[tokio::test]
    async fn an_amendment_changes_only_what_it_names() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let first = [plain("A", "1"), secret("KEY", "swordfish")];
        world.try_upload(&tenant, "hello", upload("one", &first)).await.expect("is accepted");
        let date = Some("2026-02-02".to_owned());
        let limits = Some(Overrides { cpu_ms: Some(7), ..Overrides::default() });
        let change = Amendment { compatibility_date: date, limits, ..Amendment::default() };
        let second = amend(&world, &tenant, change).await.expect("is accepted").version;
        assert_eq!((second.compatibility_date.as_str(), second.limits.cpu_ms), ("2026-02-02", Some(7)));
        assert_eq!(second.bindings.len(), 2);
        let code = Some(super::super::fixture::code("two"));
        let third = amend(&world, &tenant, Amendment { code, ..Amendment::default() }).await.expect("is accepted");
        assert_eq!(third.version.limits.cpu_ms, Some(7));
        assert_eq!(secrets_served(&world), [("KEY".to_owned(), "swordfish".to_owned())]);
        let code = world.control.code(&tenant, &script("hello"), &third.version.id).await.expect("reads");
        assert_eq!(&*code.modules[0].source, b"two");
    }

    /// Puts secrets and tokens, then searches every file of the data folder for their bytes.
    #[tokio::test]
    async fn no_file_holds_a_secret_or_a_token() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        world.try_upload(&tenant, "hello", upload("one", &[secret("A", "swordfish-a")])).await.expect("is accepted");
        amend(&world, &tenant, put("B", "swordfish-b")).await.expect("is accepted");
        let scopes = [super::super::Scope::Read].into();
        let new = super::super::NewToken { name: "ci".to_owned(), scopes, expires_at: None };
        let (_, text) = world.control.create_token(&Actor::Operator, &tenant, new).await.expect("makes a token");
        let mut files = 0;
        let mut folders = vec![world.dir.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("lists") {
                let path = entry.expect("lists").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                files += 1;
                let bytes = std::fs::read(&path).expect("reads");
                for needle in ["swordfish", text.expose(), &hex::encode("swordfish")] {
                    let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
                    assert!(!found, "{} holds {needle:?}", path.display());
                }
            }
        }
        assert!(files >= 4, "looked at {files} files");
    }
}
