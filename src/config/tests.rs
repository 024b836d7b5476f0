//! The files of `config/`, and everything that can be written wrong.

use super::*;

fn no_environment(_: &str) -> Option<String> {
    None
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("eyot.toml"), text, no_environment, &Flags::default())
}

fn error_of(text: &str) -> String {
    parse(text).expect_err(text).to_string()
}

/// Reads the file that documents every key, and counts the keys that it leaves out.
#[test]
fn the_documented_defaults_are_the_defaults() {
    let text = include_str!("../../config/eyot.toml");
    assert_eq!(parse(text).expect("is valid"), Config::default());
    assert_eq!(parse("").expect("is valid"), Config::default());
    let written: written::Written = toml::from_str(text).expect("is valid");
    let left_out = format!("{written:?}").matches("None").count();
    assert_eq!(left_out, 2, "all but admin.certificate and admin.key: {written:?}");
    assert!(text.contains("# certificate = ") && text.contains("# key = "));
}

/// Reads what `eyot dev` uses.
#[test]
fn development_keeps_the_production_limits() {
    let config = Config::load(Source::Dev, no_environment, &Flags::default()).expect("is valid");
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.egress.allow.len(), 2);
}

/// Sets the same keys in the file, the environment and by flags, and takes one away after the other.
#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = "data_dir = 'f'\n[edge]\nlisten = '127.0.0.1:1'\ndomain = 'f.test'\n[logs]\nlevel = 'warn'\n";
    let environment = |name: &str| match name {
        "EYOT_DATA" => Some("e".to_owned()),
        "EYOT_LISTEN" => Some("127.0.0.1:2".to_owned()),
        "EYOT_DOMAIN" => Some("E.test".to_owned()),
        "EYOT_ADMIN_TOKEN" => Some("secret".to_owned()),
        "EYOT_LOG" => Some("debug".to_owned()),
        "EYOT_LOG_FORMAT" => Some("json".to_owned()),
        _ => None,
    };
    let flags = Flags {
        data: Some("g".into()),
        listen: Some(SocketAddr::from(([127, 0, 0, 1], 3))),
        admin_listen: Some(SocketAddr::from(([127, 0, 0, 1], 4))),
        domain: Some("g.test".to_owned()),
    };
    let seen = |config: &Config| {
        (config.data_dir.display().to_string(), config.edge.listener.listen.port(), config.edge.domain.clone())
    };
    let path = Path::new("eyot.toml");
    let all = Config::parse(path, file, environment, &flags).expect("is valid");
    assert_eq!(seen(&all), ("g".to_owned(), 3, "g.test".to_owned()));
    assert_eq!(all.admin.listen.port(), 4);
    let two = Config::parse(path, file, environment, &Flags::default()).expect("is valid");
    assert_eq!(seen(&two), ("e".to_owned(), 2, "e.test".to_owned()));
    assert_eq!((two.logs.level, two.logs.format), (LogLevel::Debug, LogFormat::Json));
    assert_eq!(two.admin.token.as_ref().map(SecretText::expose), Some("secret"));
    assert!(!format!("{two:?}").contains("secret\""));
    let one = parse(file).expect("is valid");
    assert_eq!(seen(&one), ("f".to_owned(), 1, "f.test".to_owned()));
    assert_eq!((one.logs.level, one.admin.token), (LogLevel::Warn, None));
}

/// One wrong thing at a time; each error is one line and names file, line, key, value and range.
#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, parts) in [
        ("\n\nlisten = 1", &["eyot.toml", "line 3", "listen", "unknown field"][..]),
        ("[edge]\nport = 1", &["line 2", "port", "unknown field", "listen"]),
        ("[nothing]\n", &["line 1", "nothing"]),
        ("drain_seconds = '1'", &["line 1", "drain_seconds", "string"]),
        ("drain_seconds = -1", &["line 1", "drain_seconds = -1"]),
        ("drain_seconds = ", &["line 1", "drain_seconds"]),
        ("drain_seconds = 1\ndrain_seconds = 2", &["line 2", "duplicate"]),
        ("\ndrain_seconds = 3601", &["line 2", "drain_seconds", "3601", "0 to 3600 seconds"]),
        ("data_dir = ''", &["line 1", "data_dir", "a folder"]),
        ("[edge]\nlisten = 'localhost:1'", &["edge.listen", "localhost:1", "line 2"]),
        ("[edge]\ndomain = 'a..b'", &["edge.domain", "a..b", "line 2"]),
        ("[edge]\ndomain = '127.0.0.1'", &["edge.domain", "127.0.0.1"]),
        ("[edge]\n\nidle_seconds = 0", &["edge.idle_seconds to 0", "line 3", "1 to 86400"]),
        ("[edge]\ncertificates = [{ certificate = 'a' }]", &["line 2", "key"]),
        ("edge.url_bytes_max = 100000", &["edge.url_bytes_max", "100000", "line 1", "65534"]),
        ("[limits]\ncpu_ms = 0", &["limits.cpu_ms to 0", "line 2", "1 to 900000"]),
        ("[limits]\ncpu = 0", &["line 2", "cpu", "unknown field"]),
        ("[isolates]\nslots_max = 0", &["isolates.slots_max", "1 to 4096"]),
        ("[isolates]\nmemory_bytes_max = 16777216", &["isolates.memory_bytes_max", "limits.memory_bytes_max"]),
        ("[egress]\nallow = ['10.0.0.0/8', '10.0.0']", &["egress.allow[1]", "\"10.0.0\"", "line 2"]),
        ("[kv]\nopen_files_max = 7", &["kv.open_files_max to 7", "8 threads"]),
        ("[logs]\nlevel = 'loud'", &["line 2", "loud", "info"]),
        ("[admin]\nlisten = '0.0.0.0:8787'", &["admin.listen", "0.0.0.0:8787", "line 2", "loopback", "TLS"]),
        ("[admin]\nlisten = '[::]:8787'", &["admin.listen", "[::]:8787"]),
        ("[admin]\ncertificate = 'a.pem'", &["admin.certificate", "admin.key"]),
        ("[admin]\nkey = 'a.pem'", &["admin.key", "admin.certificate"]),
        ("[admin]\nlisten = '127.0.0.1:8443'", &["admin.listen", "edge.listen"]),
    ] {
        let error = error_of(text);
        assert!(!error.contains('\n'), "{error}");
        for part in parts {
            assert!(error.contains(part), "{text:?} -> {error} does not name {part:?}");
        }
    }
}

/// Wrong values by flag and variable.
#[test]
fn a_wrong_flag_or_variable_is_named() {
    let with = |name: &'static str, value: &'static str| {
        let environment = move |asked: &str| (asked == name).then(|| value.to_owned());
        let result = Config::load(Source::Defaults, environment, &Flags::default());
        result.expect_err(name).to_string()
    };
    assert!(with("EYOT_LISTEN", "x").contains("(EYOT_LISTEN)"));
    assert!(with("EYOT_LOG", "loud").contains("(EYOT_LOG)"));
    let error = with("EYOT_ADMIN_TOKEN", "a secret");
    assert!(error.contains("(EYOT_ADMIN_TOKEN)") && !error.contains("a secret"), "{error}");
    let flags = Flags { admin_listen: Some(SocketAddr::from(([192, 0, 2, 1], 1))), ..Flags::default() };
    let error = Config::load(Source::Defaults, no_environment, &flags).expect_err("not loopback").to_string();
    assert!(error.contains("(--admin-listen)"), "{error}");
    let path = Path::new("/nonexistent/eyot.toml");
    let error = Config::load(Source::File(path), no_environment, &Flags::default()).expect_err("absent").to_string();
    assert!(error.contains("/nonexistent/eyot.toml") && error.contains("No such file"), "{error}");
}

/// TLS makes any address of the admin API good.
#[test]
fn the_admin_api_listens_anywhere_with_tls() {
    let config = parse("[admin]\nlisten = '0.0.0.0:8787'\ncertificate = 'a.pem'\nkey = 'b.pem'").expect("is valid");
    assert_eq!(config.admin.tls.map(|files| files.key), Some(PathBuf::from("b.pem")));
    assert!(parse("[admin]\nlisten = '[::1]:8787'").is_ok());
    assert!(parse("[admin]\nlisten = '[::ffff:127.0.0.1]:8787'").is_ok());
}
