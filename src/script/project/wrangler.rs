//! The configuration of a project folder: `wrangler.json`, `wrangler.jsonc`, `wrangler.toml`, or `package.json`.
//!
//! Takes what Eyot can do, with wrangler's rules of inheritance (an environment inherits everything but bindings).
//! Refuses by name what would silently not work; what merely has no effect here becomes a warning.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::bundle::Bundling;
use super::{KvBinding, LoadError, ProjectRoutes, Variable, jsonc, keys};
use crate::limits::Overrides;
use crate::script::{ModuleKind, compatibility};

/// What a configuration says, environment applied.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) name: Option<String>,
    pub(super) main: PathBuf,
    /// Whether there is a script at all: static assets need none.
    pub(super) has_main: bool,
    pub(super) compatibility_date: String,
    pub(super) compatibility_flags: Vec<String>,
    pub(super) vars: BTreeMap<String, Variable>,
    pub(super) kv: Vec<KvBinding>,
    pub(super) version_metadata: Option<String>,
    pub(super) other_bindings: Vec<Value>,
    /// Folder of the static assets, and Cloudflare's `assets.config`.
    pub(super) assets: Option<(PathBuf, Value)>,
    pub(super) limits: Overrides,
    pub(super) crons: Option<Vec<String>>,
    pub(super) routes: Option<ProjectRoutes>,
    pub(super) rules: Vec<Rule>,
    pub(super) bundling: Bundling,
    /// Whether variables that were set elsewhere stay.
    pub(super) keep_vars: bool,
    /// Whether the script answers at its own name and at its versions' names; `None` leaves it as it is.
    pub(super) subdomain: (Option<bool>, Option<bool>),
    pub(super) files: Vec<PathBuf>,
    pub(super) warnings: Vec<String>,
}

/// Files with this extension are modules of this kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) extension: String,
    pub(super) kind: ModuleKind,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Section {
    name: Option<String>,
    main: Option<String>,
    compatibility_date: Option<String>,
    compatibility_flags: Option<Vec<String>>,
    vars: Option<BTreeMap<String, Value>>,
    kv_namespaces: Option<Vec<KvNamespace>>,
    version_metadata: Option<VersionMetadata>,
    services: Option<Vec<Service>>,
    ratelimits: Option<Vec<RateLimit>>,
    assets: Option<Assets>,
    limits: Option<ScriptLimits>,
    triggers: Option<WrittenTriggers>,
    route: Option<WrittenRoute>,
    routes: Option<Vec<WrittenRoute>>,
    rules: Option<Vec<WrittenRule>>,
    keep_vars: Option<bool>,
    workers_dev: Option<bool>,
    preview_urls: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct WrittenTriggers {
    crons: Option<Vec<String>>,
}

/// A pattern, or one with what Cloudflare wants to know beside it; of that only `custom_domain` means something here.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum WrittenRoute {
    Pattern(String),
    Detailed {
        pattern: String,
        #[serde(default)]
        custom_domain: bool,
    },
}

#[derive(Debug, Deserialize)]
struct File {
    #[serde(default)]
    env: BTreeMap<String, Section>,
}

/// What there is to say of bundling. Beside [`Section`], which would lose its positions to a flattened part.
#[derive(Debug, Default, Deserialize)]
struct Bundlings {
    #[serde(flatten)]
    top: Bundling,
    #[serde(default)]
    env: BTreeMap<String, Bundling>,
}

#[derive(Debug, Clone, Deserialize)]
struct KvNamespace {
    binding: String,
    id: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct VersionMetadata {
    binding: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Service {
    binding: String,
    service: String,
    entrypoint: Option<String>,
    props: Option<Value>,
}

#[derive(Debug, Clone, Deserialize)]
struct RateLimit {
    #[serde(alias = "binding")]
    name: String,
    namespace_id: String,
    simple: Value,
}

#[derive(Debug, Clone, Deserialize)]
struct Assets {
    directory: Option<PathBuf>,
    binding: Option<String>,
    html_handling: Option<Value>,
    not_found_handling: Option<Value>,
    run_worker_first: Option<Value>,
}

#[derive(Debug, Clone, Deserialize)]
struct ScriptLimits {
    cpu_ms: Option<u32>,
    subrequests: Option<u32>,
}

#[derive(Debug, Clone, Deserialize)]
struct WrittenRule {
    #[serde(rename = "type")]
    kind: String,
    globs: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct PackageJson {
    name: Option<String>,
    main: Option<String>,
}

/// The configuration in `folder`, or `None` when it has none.
pub(super) fn find(folder: &Path, environment: Option<&str>) -> Result<Option<Settings>, LoadError> {
    for file in ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] {
        let path = folder.join(file);
        if let Some(text) = read_if_there(&path)? {
            let format = if file.ends_with("toml") { Format::Toml } else { Format::Jsonc };
            let mut settings = settle(folder, &Source { file, text: &text, format }, environment)?;
            settings.files.push(path);
            return Ok(Some(settings));
        }
    }
    let path = folder.join("package.json");
    let Some(text) = read_if_there(&path)? else { return Ok(None) };
    let package: PackageJson = Source { file: "package.json", text: &text, format: Format::Jsonc }.parse()?;
    let Some(main) = package.main else { return Ok(None) };
    if environment.is_some() {
        return Err(LoadError::NoEnvironments { path });
    }
    Ok(Some(Settings {
        name: package.name.map(|name| name.rsplit('/').next().unwrap_or_default().replace(['.', '~'], "-")),
        main: folder.join(main),
        has_main: true,
        files: vec![path],
        ..Settings::default()
    }))
}

pub(super) fn read_if_there(path: &Path) -> Result<Option<String>, LoadError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LoadError::Read { path: path.to_owned(), source }),
    }
}

#[derive(Clone, Copy)]
pub(super) enum Format {
    Toml,
    Jsonc,
}

pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) format: Format,
}

impl Source<'_> {
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, LoadError> {
        let failed = |line, column, message: String| LoadError::Config {
            file: self.file.to_owned(),
            line,
            column,
            message: message.replace('\n', " "),
        };
        match self.format {
            Format::Toml => toml::from_str(self.text).map_err(|error| {
                let offset = error.span().map_or(0, |span| span.start);
                let (line, column) = crate::script::parse::position(self.text, offset);
                failed(line as usize, column as usize, error.message().to_owned())
            }),
            Format::Jsonc => serde_json::from_str(&jsonc::to_json(self.text)).map_err(|error| {
                let text = error.to_string();
                let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
                failed(error.line(), error.column().max(1), message.to_owned())
            }),
        }
    }

    pub(super) fn unsupported(&self, message: impl Into<String>) -> LoadError {
        LoadError::Unsupported { file: self.file.to_owned(), message: message.into() }
    }
}

pub(super) fn settle(folder: &Path, source: &Source<'_>, environment: Option<&str>) -> Result<Settings, LoadError> {
    let top: Section = source.parse()?;
    let mut sections: File = source.parse()?;
    let mut bundlings: Bundlings = source.parse()?;
    let whole: Value = source.parse()?;
    let mut warnings = Vec::new();
    judge_keys(source, &whole, "", &mut warnings)?;

    let known = sections.env.keys().cloned().collect::<Vec<_>>().join(", ");
    let (chosen, name) = match environment {
        None => (None, top.name.clone()),
        Some(wanted) => {
            let section = sections.env.remove(wanted).ok_or_else(|| {
                let known = if known.is_empty() { "there are none".to_owned() } else { format!("there is {known}") };
                source.unsupported(format!("no section env.{wanted}; {known}"))
            })?;
            judge_keys(source, &whole["env"][wanted], &format!("env.{wanted}."), &mut warnings)?;
            let name = section.name.clone().or_else(|| top.name.as_ref().map(|name| format!("{name}-{wanted}")));
            (Some(section), name)
        }
    };
    let bundling = match environment.and_then(|wanted| bundlings.env.remove(wanted)) {
        Some(own) => own.or(bundlings.top),
        None => bundlings.top,
    };
    let chosen_is_top = chosen.is_none();
    let own = chosen.unwrap_or_default();
    // Bindings are not inherited, everything else is: wrangler's rule.
    let section = if chosen_is_top { top.clone() } else { own.clone() };
    let assets = own.assets.or(top.assets);
    let main = match own.main.or(top.main) {
        None if assets.is_none() => return Err(source.unsupported("`main` is missing: the file to run")),
        main => main,
    };
    let other_bindings = other_bindings(&section, assets.as_ref());
    let Section { vars, kv_namespaces: kv, version_metadata, .. } = section;
    let limits = own.limits.or(top.limits);
    let compatibility_date = own.compatibility_date.or(top.compatibility_date).unwrap_or_default();
    let compatibility_flags = own.compatibility_flags.or(top.compatibility_flags).unwrap_or_default();
    compatibility::check(&compatibility_flags).map_err(|error| source.unsupported(error.to_string()))?;
    Ok(Settings {
        name,
        has_main: main.is_some(),
        main: folder.join(main.unwrap_or_default()),
        other_bindings,
        assets: assets.map(|assets| assets.settled(folder, source)).transpose()?,
        bundling: bundling.with_node(&compatibility_date, &compatibility_flags),
        compatibility_date,
        compatibility_flags,
        keep_vars: top.keep_vars.unwrap_or_default(),
        subdomain: (own.workers_dev.or(top.workers_dev), own.preview_urls.or(top.preview_urls)),
        vars: vars.unwrap_or_default().into_iter().map(|(name, value)| (name, variable(value))).collect(),
        kv: kv.unwrap_or_default().into_iter().map(|kv| KvBinding { binding: kv.binding, id: kv.id }).collect(),
        version_metadata: version_metadata.map(|metadata| metadata.binding),
        limits: Overrides {
            cpu_ms: limits.as_ref().and_then(|limits| limits.cpu_ms),
            subrequests_max: limits.as_ref().and_then(|limits| limits.subrequests),
            ..Overrides::default()
        },
        crons: own.triggers.or(top.triggers).and_then(|triggers| triggers.crons),
        routes: routes(own.route, own.routes).or_else(|| routes(top.route, top.routes)),
        rules: rules(source, own.rules.or(top.rules).unwrap_or_default())?,
        files: Vec::new(),
        warnings,
    })
}

fn routes(one: Option<WrittenRoute>, many: Option<Vec<WrittenRoute>>) -> Option<ProjectRoutes> {
    let written = many.or_else(|| one.map(|one| vec![one]))?;
    let mut routes = ProjectRoutes::default();
    for route in written {
        match route {
            WrittenRoute::Detailed { pattern, custom_domain: true } => routes.hostnames.push(pattern),
            WrittenRoute::Detailed { pattern, .. } | WrittenRoute::Pattern(pattern) => routes.patterns.push(pattern),
        }
    }
    Some(routes)
}

impl Assets {
    /// Their folder, and Cloudflare's `assets.config`.
    fn settled(&self, folder: &Path, source: &Source<'_>) -> Result<(PathBuf, Value), LoadError> {
        let directory = self.directory.as_ref().ok_or_else(|| {
            source.unsupported(
                "`assets.directory` is missing: the folder of static assets; a tool that fills it in has to build first",
            )
        })?;
        Ok((folder.join(directory), self.config()))
    }

    /// As the API takes it.
    fn config(&self) -> Value {
        let keys = [
            ("html_handling", &self.html_handling),
            ("not_found_handling", &self.not_found_handling),
            ("run_worker_first", &self.run_worker_first),
        ];
        keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?))).collect::<Map<_, _>>().into()
    }
}

/// Bindings whose Cloudflare shape is in the configuration already.
fn other_bindings(section: &Section, assets: Option<&Assets>) -> Vec<Value> {
    let services = section.services.iter().flatten().map(|service| {
        let Service { binding, service, entrypoint, props } = service;
        json!({ "name": binding, "type": "service", "service": service, "entrypoint": entrypoint, "props": props })
    });
    let rates = section.ratelimits.iter().flatten().map(|rate| {
        let RateLimit { name, namespace_id, simple } = rate;
        json!({ "name": name, "type": "ratelimit", "namespace_id": namespace_id, "simple": simple })
    });
    let assets = assets.and_then(|assets| assets.binding.as_ref());
    let assets = assets.map(|name| json!({ "name": name, "type": "assets" }));
    services.chain(rates).chain(assets).collect()
}

fn variable(value: Value) -> Variable {
    match value {
        Value::String(text) => Variable::Text(text),
        other => Variable::Json(other),
    }
}

fn judge_keys(source: &Source<'_>, section: &Value, place: &str, warnings: &mut Vec<String>) -> Result<(), LoadError> {
    let before = warnings.len();
    keys::judge(section, place, warnings).map_err(|message| source.unsupported(message))?;
    warnings[before..].iter_mut().for_each(|warning| warning.insert_str(0, &format!("{}: ", source.file)));
    Ok(())
}

fn rules(source: &Source<'_>, written: Vec<WrittenRule>) -> Result<Vec<Rule>, LoadError> {
    let mut rules = Vec::new();
    for rule in written {
        let kind = match rule.kind.as_str() {
            "ESModule" => ModuleKind::EsModule,
            "CommonJS" => ModuleKind::CommonJs,
            "CompiledWasm" => ModuleKind::Wasm,
            "Text" => ModuleKind::Text,
            "Data" => ModuleKind::Data,
            other => return Err(source.unsupported(format!("rules: type {other:?} is not supported"))),
        };
        for glob in rule.globs {
            let extension = glob.strip_prefix("**/*.").or_else(|| glob.strip_prefix("*."));
            match extension {
                Some(extension) if !extension.contains(['*', '/', '?', '[', '{', '.']) => {
                    rules.push(Rule { extension: extension.to_owned(), kind });
                }
                _ => {
                    return Err(source
                        .unsupported(format!("rules: glob {glob:?} is not supported; only \"**/*.EXTENSION\" is")));
                }
            }
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(text: &str) -> Result<Settings, LoadError> {
        settle(Path::new("/p"), &Source { file: "wrangler.toml", text, format: Format::Toml }, None)
    }

    /// Bindings Eyot lacks are refused by name, empty ones and others' settings are not.
    #[test]
    fn what_would_silently_not_work_is_refused() {
        let error = settled("main = 'a.js'\n[[r2_buckets]]\nbinding = 'B'\nbucket_name = 'b'").unwrap_err();
        assert_eq!(error.to_string(), "wrangler.toml: `r2_buckets` is not supported by Eyot");
        let settings = settled("main = 'a.js'\nr2_buckets = []\nlogpush = true\nworkers_dev = true").unwrap();
        assert_eq!(settings.warnings, ["wrangler.toml: `logpush` has no effect here"]);
        assert!(settled("name = 'a'").unwrap_err().to_string().contains("`main` is missing"));
    }

    /// Wrong types are errors at their place in the file.
    #[test]
    fn a_wrong_type_has_a_position() {
        let error = settled("main = 'a.js'\nname = 3").unwrap_err().to_string();
        assert!(error.starts_with("wrangler.toml:2:8: "), "{error}");
    }

    /// Routes in each of wrangler's forms; an environment has its own or those of the top.
    #[test]
    fn routes_are_patterns_or_hostnames() {
        let text = "main = 'a.js'\nroutes = ['a.test/*', { pattern = 'b.test', custom_domain = true },
            { pattern = 'c.test/x', zone_name = 'c.test' }]\n[env.one]\nroute = 'd.test/*'\n[env.two]\nvars = {}";
        let of = |environment| {
            let source = Source { file: "wrangler.toml", text, format: Format::Toml };
            settle(Path::new("/p"), &source, environment).unwrap().routes.unwrap()
        };
        for environment in [None, Some("two")] {
            assert_eq!(of(environment).patterns, ["a.test/*", "c.test/x"]);
            assert_eq!(of(environment).hostnames, ["b.test"]);
        }
        assert_eq!((of(Some("one")).patterns, of(Some("one")).hostnames), (vec!["d.test/*".to_owned()], vec![]));
        assert!(settled("main = 'a.js'").unwrap().routes.is_none());
    }

    /// Rules by extension are taken, others refused.
    #[test]
    fn simple_rules_are_taken() {
        let rules =
            settled("main = 'a.js'\nrules = [{ type = 'Text', globs = ['**/*.md', '*.sql'], fallthrough = true }]")
                .unwrap()
                .rules;
        assert_eq!(rules[0], Rule { extension: "md".to_owned(), kind: ModuleKind::Text });
        assert_eq!(rules.len(), 2);
        assert!(settled("main = 'a.js'\nrules = [{ type = 'Text', globs = ['docs/**'] }]").is_err());
        assert!(settled("main = 'a.js'\nrules = [{ type = 'PythonModule', globs = ['*.py'] }]").is_err());
    }

    /// `package.json` with `main` is enough; without, the folder is no project.
    #[test]
    fn a_package_with_a_main_is_a_project() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("package.json"), r#"{ "name": "@a/b.c", "main": "x.js" }"#).unwrap();
        let settings = find(folder.path(), None).unwrap().unwrap();
        assert_eq!((settings.name.as_deref(), settings.main.ends_with("x.js")), (Some("b-c"), true));
        fs::write(folder.path().join("package.json"), "{}").unwrap();
        assert!(find(folder.path(), None).unwrap().is_none());
    }
}
