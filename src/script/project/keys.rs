//! Which keys of a wrangler configuration mean something here, and what is said of the others.
//!
//! Pure. Promises that no key is passed over in silence: one that is not taken is refused when a script would miss what
//! it asks for, else there is a warning that names it.

use serde_json::Value;

/// Judges one section: the first key that has to be refused, or a warning for each that has no effect.
pub(super) fn judge(section: &Value, place: &str, warnings: &mut Vec<String>) -> Result<(), String> {
    let Some(fields) = section.as_object() else { return Ok(()) };
    for (key, value) in fields.iter().filter(|(key, value)| is_set(value) && !is_filled_in(key, value)) {
        if let Some((_, instead)) = REFUSED.iter().find(|(refused, _)| refused == key) {
            let instead = if instead.is_empty() { String::new() } else { format!(": {instead}") };
            return Err(format!("`{place}{key}` is not supported by Eyot{instead}"));
        }
        if let Some((_, instead)) = WITHOUT_EFFECT.iter().find(|(idle, _)| idle == key) {
            let instead = if instead.is_empty() { String::new() } else { format!(": {instead}") };
            warnings.push(format!("`{place}{key}` has no effect here{instead}"));
        } else if let Some((_, known)) = TAKEN.iter().find(|(taken, _)| taken == key) {
            unknown_fields(value, &format!("{place}{key}"), known, warnings);
        } else {
            warnings.push(format!("`{place}{key}` is no key that Eyot knows: it has no effect"));
        }
    }
    Ok(())
}

/// Warns of fields that are not `known` in a table, or in the tables of a list.
fn unknown_fields(value: &Value, place: &str, known: &[&str], warnings: &mut Vec<String>) {
    if known.is_empty() {
        return;
    }
    let tables = match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    };
    for (field, value) in tables.iter().filter_map(|table| table.as_object()).flatten() {
        let warning = format!("`{place}.{field}` has no effect here");
        if !known.contains(&field.as_str()) && is_set(value) && !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
}

/// Empty values ask for nothing, nor do tables of such.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(items) => items.values().any(is_set),
        Value::Bool(true) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Whether a tool wrote this into a configuration that it generated, and not the user.
fn is_filled_in(key: &str, value: &Value) -> bool {
    let is_usual = |text: &str| serde_json::from_str::<Value>(text).is_ok_and(|usual| usual == *value);
    ORIGIN.contains(&key) || FILLED_IN.iter().any(|(filled_in, usual)| *filled_in == key && is_usual(usual))
}

/// Keys that say where a generated configuration comes from.
const ORIGIN: &[&str] = &["configPath", "definedEnvironments", "targetEnvironment", "topLevelName", "userConfigPath"];

/// What wrangler 4.164 makes of a configuration that says nothing of these keys, as a generated one has it.
const FILLED_IN: &[(&str, &str)] = &[
    (
        "dev",
        r#"{"ip":"localhost","local_protocol":"http","upstream_protocol":"http","enable_containers":true,"generate_types":false}"#,
    ),
    ("build", r#"{"watch_dir":"./src"}"#),
    ("python_modules", r#"{"exclude":["**/*.pyc"]}"#),
];

/// Keys that are honoured, and the fields of their tables; no fields when any may be there.
const TAKEN: &[(&str, &[&str])] = &[
    ("$schema", &[]),
    ("alias", &[]),
    ("assets", &["binding", "directory", "html_handling", "not_found_handling", "run_worker_first"]),
    ("compatibility_date", &[]),
    ("compatibility_flags", &[]),
    ("define", &[]),
    ("env", &[]),
    ("jsx_factory", &[]),
    ("jsx_fragment", &[]),
    ("keep_names", &[]),
    ("keep_vars", &[]),
    ("kv_namespaces", &["binding", "id"]),
    ("limits", &["cpu_ms", "subrequests"]),
    ("main", &[]),
    ("minify", &[]),
    ("name", &[]),
    ("no_bundle", &[]),
    ("preview_urls", &[]),
    ("ratelimits", &["binding", "name", "namespace_id", "simple"]),
    ("route", &["custom_domain", "pattern", "zone_id", "zone_name"]),
    ("routes", &["custom_domain", "pattern", "zone_id", "zone_name"]),
    ("rules", &["fallthrough", "globs", "type"]),
    ("services", &["binding", "entrypoint", "props", "service"]),
    ("triggers", &["crons"]),
    ("tsconfig", &[]),
    ("vars", &[]),
    ("version_metadata", &["binding"]),
    ("workers_dev", &[]),
];

/// Keys that make something the script would miss, with what to do instead.
const REFUSED: &[(&str, &str)] = &[
    ("access", ""),
    ("addresses", ""),
    ("agent_memory", ""),
    ("ai", ""),
    ("ai_search", ""),
    ("ai_search_namespaces", ""),
    ("analytics", ""),
    ("analytics_engine_datasets", ""),
    ("artifacts", ""),
    ("browser", ""),
    ("build", "run its command, take the key out, and deploy what the command wrote"),
    ("cloudchamber", ""),
    ("connect", ""),
    ("containers", ""),
    ("d1_databases", ""),
    ("data_blobs", "import the file as a module"),
    ("dispatch_namespaces", ""),
    ("durable_objects", ""),
    ("exports", ""),
    ("find_additional_modules", "import the files, or use `wrangler deploy`"),
    ("first_party_worker", ""),
    ("flagship", ""),
    ("hyperdrive", ""),
    ("images", ""),
    ("k2", ""),
    ("logfwdr", ""),
    ("media", ""),
    ("migrations", ""),
    ("mtls_certificates", ""),
    ("pages_build_output_dir", "a Pages project has to become a script with `assets` first"),
    ("pipelines", ""),
    ("queues", ""),
    ("r2_buckets", ""),
    ("secrets_store_secrets", "use `eyot secret put`"),
    ("send_email", ""),
    ("site", "use `assets`"),
    ("stream", ""),
    ("streaming_tail_consumers", ""),
    ("tail_consumers", ""),
    ("text_blobs", "import the file as a module"),
    ("unsafe", ""),
    ("unsafe_hello_world", ""),
    ("vectorize", ""),
    ("vpc_networks", ""),
    ("vpc_services", ""),
    ("wasm_modules", "import the file as a module"),
    ("worker_loaders", ""),
    ("workflows", ""),
];

/// Keys that only ask for what is set elsewhere, or for nothing that a single node has.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("account_id", "the account is EYOT_ACCOUNT or --account"),
    ("base_dir", ""),
    ("cache", ""),
    ("compliance_region", ""),
    ("dependencies_instrumentation", ""),
    ("dev", "`eyot dev` has flags for it"),
    ("legacy_env", ""),
    ("logpush", ""),
    ("observability", "`eyot tail` shows logs"),
    ("placement", ""),
    ("preserve_file_names", ""),
    ("previews", ""),
    ("python_modules", "no script is in Python"),
    ("secrets", "secrets are not asked for before a deployment"),
    ("send_metrics", ""),
    ("upload_source_maps", "they are always uploaded"),
    ("usage_model", ""),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(section: Value) -> Result<Vec<String>, String> {
        let mut warnings = Vec::new();
        judge(&section, "", &mut warnings).map(|()| warnings)
    }

    /// A key of each kind, empty ones, and fields of tables.
    #[test]
    fn no_key_is_passed_over() {
        assert_eq!(
            judged(json!({ "queues": { "producers": [1] } })),
            Err("`queues` is not supported by Eyot".to_owned())
        );
        assert_eq!(
            judged(json!({ "site": { "bucket": "x" } })),
            Err("`site` is not supported by Eyot: use `assets`".to_owned())
        );
        assert_eq!(judged(json!({ "queues": {}, "unsafe": null, "logpush": false, "main": "a.js" })), Ok(vec![]));
        let filled_in = json!({ "logfwdr": { "bindings": [] }, "topLevelName": "a", "python_modules": { "exclude": ["**/*.pyc"] },
            "build": { "watch_dir": "./src" } });
        assert_eq!(judged(filled_in), Ok(vec![]));
        assert!(judged(json!({ "build": { "command": "make", "watch_dir": "./src" } })).is_err());
        assert_eq!(judged(json!({ "dev": { "port": 1 } })).map(|warnings| warnings.len()), Ok(1));
        assert_eq!(judged(json!({ "logpush": true })), Ok(vec!["`logpush` has no effect here".to_owned()]));
        assert_eq!(
            judged(json!({ "mian": "a.js" })),
            Ok(vec!["`mian` is no key that Eyot knows: it has no effect".to_owned()])
        );
        let nested = json!({ "assets": { "directory": "a", "base_path": "/x" }, "kv_namespaces": [{ "remote": true }, { "remote": true }] });
        assert_eq!(
            judged(nested),
            Ok(vec![
                "`assets.base_path` has no effect here".to_owned(),
                "`kv_namespaces.remote` has no effect here".to_owned()
            ])
        );
    }

    /// A key stands in one table.
    #[test]
    fn a_key_is_judged_once() {
        let mut keys: Vec<&str> = TAKEN.iter().map(|(key, _)| *key).collect();
        keys.extend(REFUSED.iter().chain(WITHOUT_EFFECT).map(|(key, _)| *key));
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}
