//! Fuzzing: one function for each parser of ours, with what must hold whatever it is fed.
//!
//! `fuzz/` gives them to libFuzzer (`cargo fuzz run NAME`). The test below gives them their corpus and mutations of it, a
//! bounded number from a fixed seed; `make fuzz` the same for as long as one likes, without a nightly compiler.

use std::str::from_utf8;

use crate::control::Timestamp;
use crate::events::Cron;
use crate::ids::{NamespaceId, ScriptName, TenantId};
use crate::route::{HostPattern, RoutePattern, normal_host};
use crate::script::{Code, scan, strip, wasm_memories};
use crate::tails::Filters;
use crate::weburl::{Part, WebUrl};
use crate::{admin, assets, cache, config, isolate, kv, listener, script, server, snapshot};

/// Feeds one parser; panics when something does not hold.
pub type Target = fn(&[u8]);

/// Every target by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("asset_manifest", assets::fuzzing::manifest),
    ("asset_pattern", assets::fuzzing::path_pattern),
    ("asset_range", assets::fuzzing::range),
    ("cache_policy", cache::fuzzing::policy),
    ("cache_range", cache::fuzzing::range),
    ("config_file", config::fuzz_file),
    ("cron", cron),
    ("handover", server::fuzz_handover),
    ("header_rules", assets::fuzzing::header_rules),
    ("http1_bytes", listener::fuzzing::http1_bytes),
    ("http2_frames", listener::fuzzing::http2_frames),
    ("ids", ids),
    ("key_document", isolate::fuzz_key_document),
    ("kv_bulk", admin::fuzzing::kv_bulk),
    ("kv_cursor", kv::fuzzing::cursor),
    ("redirect_rules", assets::fuzzing::redirect_rules),
    ("request_head", listener::fuzzing::request_head),
    ("route_pattern", route_pattern),
    ("script_scan", script_scan),
    ("snapshot_protocol", snapshot::fuzzing::protocol),
    ("stored_code", stored_code),
    ("tail_filters", tail_filters),
    ("timestamp", timestamp),
    ("upload_form", admin::fuzzing::form),
    ("upload_metadata", admin::fuzzing::metadata),
    ("wasm_memories", wasm),
    ("web_url", web_url),
    ("wrangler_config", script::fuzz_wrangler_config),
];

/// Runs the target of this name; nothing happens when there is none.
pub fn run(name: &str, data: &[u8]) {
    if let Some((_, target)) = TARGETS.iter().find(|(known, _)| *known == name) {
        target(data);
    }
}

fn cron(data: &[u8]) {
    let Some(cron) = from_utf8(data).ok().and_then(|text| text.parse::<Cron>().ok()) else { return };
    for minute in [i64::MIN, -1, 0, 29_000_000, 29_001_439, i64::MAX] {
        let _ = cron.fires_at(minute);
    }
}

fn ids(data: &[u8]) {
    let Ok(text) = from_utf8(data) else { return };
    if let Ok(name) = text.parse::<ScriptName>() {
        assert_eq!(name.as_str(), text);
    }
    if let Ok(id) = text.parse::<TenantId>() {
        assert_eq!(id.as_str(), text);
    }
    if let Ok(id) = text.parse::<NamespaceId>() {
        assert_eq!(id.as_str(), text);
    }
}

fn tail_filters(data: &[u8]) {
    if let Ok(list) = serde_json::from_slice::<Vec<serde_json::Value>>(data) {
        let _ = Filters::parse(&list, Some([192, 0, 2, 1].into()));
    }
}

/// The first line is what the rest is resolved against, and what its parts are set to.
fn web_url(data: &[u8]) {
    let Ok(text) = from_utf8(data) else { return };
    let (base, input) = text.split_once('\n').unwrap_or(("", text));
    let holds = |url: &WebUrl, bytes: usize, became_file: bool| {
        let (text, offsets) = url.serialize();
        assert!(text.is_ascii() && text.len() <= 3 * bytes + 16, "{text}");
        assert!(offsets.scheme_end <= offsets.path_start && offsets.path_start <= text.len(), "{text}");
        let known = if became_file { read_as_file(&text, offsets.path_start) } else { text.clone() };
        assert_eq!(WebUrl::parse(&text, None).map(|again| again.serialize().0), Some(known));
    };
    let against = WebUrl::parse(base, None);
    let Some(url) = WebUrl::parse(input, against.as_ref()) else { return };
    holds(&url, text.len(), false);
    let is_file = |url: &WebUrl| url.serialize().0.starts_with("file:");
    for part in Part::ALL {
        let mut changed = url.clone();
        changed.set(part, base);
        holds(&changed, text.len() + base.len(), is_file(&changed) && !is_file(&url));
    }
}

/// What is read of a URL whose `protocol` was made `file`: the setter leaves host and path as they are, but a file's host `localhost` is
/// none, and its path may begin with `c|` for `c:`. So the standard has it.
fn read_as_file(text: &str, path_start: usize) -> String {
    let (before, path) = text.split_at(path_start);
    let before = if before == "file://localhost" { "file://" } else { before };
    let is_drive = matches!(path.as_bytes(), [b'/', drive, b'|', rest @ ..]
        if drive.is_ascii_alphabetic() && matches!(rest.first(), None | Some(b'/' | b'?' | b'#')));
    let path = if is_drive { path.replacen('|', ":", 1) } else { path.to_owned() };
    format!("{before}{path}")
}

fn route_pattern(data: &[u8]) {
    let Ok(text) = from_utf8(data) else { return };
    if let Ok(hosts) = text.parse::<HostPattern>() {
        assert_eq!(normal_host(&hosts.name).as_deref(), Some(hosts.name.as_str()));
    }
    if let Ok(pattern) = text.parse::<RoutePattern>() {
        assert!(pattern.path.to_string().starts_with(['/', '*']), "{}", pattern.path);
    }
    if let Some(host) = normal_host(text) {
        assert_eq!(normal_host(&host), Some(host.clone()), "a normal host stays as it is");
    }
}

fn script_scan(data: &[u8]) {
    // The parser recurses: what strangers send it is parsed in a child process, and here it is short.
    let Ok(source) = from_utf8(&data[..data.len().min(2_000)]) else { return };
    let _ = scan("a.js", source);
    // What is stripped need not parse as JavaScript: only TypeScript lets a module export what it does not have.
    if let Ok(stripped) = strip("a.ts", source) {
        let _ = scan("a.js", &stripped.source);
    }
}

fn stored_code(data: &[u8]) {
    if let Ok(code) = Code::decode(data) {
        assert_eq!(Code::decode(&code.encode()).expect("code of ours").encode(), code.encode());
    }
}

fn timestamp(data: &[u8]) {
    let Some(time) = from_utf8(data).ok().and_then(Timestamp::parse) else { return };
    assert_eq!(Timestamp::parse(&time.to_string()).map(Timestamp::millis), Some(time.millis()));
}

fn wasm(data: &[u8]) {
    if let Some(memories) = wasm_memories(data) {
        assert!((memories.count as usize) < data.len());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::{Path, PathBuf};
    use std::time::{Duration, Instant};

    use super::*;

    /// Each target has a file for libFuzzer and a corpus, and nothing else has.
    #[test]
    fn targets_files_and_corpora_are_the_same_list() {
        let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        for (folder, ending) in [("fuzz_targets", ".rs"), ("corpus", "")] {
            let found: BTreeSet<String> = names(&fuzz().join(folder))
                .iter()
                .filter_map(|name| name.strip_suffix(ending))
                .map(str::to_owned)
                .collect();
            assert_eq!(found, targets, "{folder}");
        }
    }

    /// Every seed as it is, then mutations: bits, cuts, repetitions, joints with other seeds and telling words.
    #[test]
    fn no_input_breaks_a_parser() {
        let seconds = std::env::var("EYOT_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
        let wanted = std::env::var("EYOT_FUZZ_TARGET").unwrap_or_default();
        let targets = TARGETS.iter().filter(|(name, _)| name.starts_with(&wanted));
        let broken: Vec<String> =
            targets.filter_map(|(name, target)| feed(name, *target, seconds.map(Duration::from_secs)).err()).collect();
        assert!(broken.is_empty(), "seed {SEED:#x}: {broken:#?}");
    }

    /// Feeds one target for that long, or a bounded number of times; the input that breaks it is the error.
    fn feed(name: &str, target: fn(&[u8]), long: Option<Duration>) -> Result<(), String> {
        let attempt = |input: &[u8]| {
            let survived = catch_unwind(AssertUnwindSafe(|| target(input)));
            survived.map_err(|_| format!("{name} on b\"{}\"", input.escape_ascii()))
        };
        let folder = fuzz().join("corpus").join(name);
        let seeds: Vec<Vec<u8>> =
            names(&folder).iter().map(|seed| fs::read(folder.join(seed)).expect("a seed")).collect();
        assert!(!seeds.is_empty(), "{name} has no seed");
        seeds.iter().try_for_each(|seed| attempt(seed))?;
        let mut source = Source(SEED);
        let (began, mut runs) = (Instant::now(), 0_u64);
        while long.map_or(runs < RUNS, |long| began.elapsed() < long) {
            attempt(&source.mutation(&seeds))?;
            runs += 1;
        }
        println!("{name}: {} seeds, {runs} mutations, {:?}", seeds.len(), began.elapsed());
        Ok(())
    }

    /// A small generator: what it gives depends on its seed alone.
    struct Source(u64);

    impl Source {
        fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % bound.max(1) as u64).expect("below a usize")
        }

        fn mutation(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
            let mut input = seeds[self.below(seeds.len())].clone();
            for _ in 0..=self.below(6) {
                let at = self.below(input.len() + 1);
                match self.below(8) {
                    0 if at < input.len() => input[at] ^= 1 << self.below(8),
                    1 if at < input.len() => input[at] = u8::try_from(self.below(256)).expect("a byte"),
                    2 => input.truncate(at),
                    3 => drop(input.splice(at..at, WORDS[self.below(WORDS.len())].iter().copied())),
                    4 => {
                        let other = &seeds[self.below(seeds.len())];
                        let from = self.below(other.len() + 1);
                        input.truncate(at);
                        input.extend_from_slice(&other[from..]);
                    }
                    5 => {
                        let end = (at + self.below(16)).min(input.len());
                        let piece = input[at..end].to_vec();
                        for _ in 0..self.below(20) {
                            input.splice(at..at, piece.iter().copied());
                        }
                    }
                    _ if at < input.len() => drop(input.remove(at)),
                    _ => input.push(u8::try_from(self.below(128)).expect("a byte")),
                }
                input.truncate(INPUT_BYTES_MAX);
            }
            input
        }
    }

    fn fuzz() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    const SEED: u64 = 0x005e_ed0f_e407;

    /// Mutations of each target in an ordinary test.
    const RUNS: u64 = 8_000;

    const INPUT_BYTES_MAX: usize = 4_096;

    /// What parsers trip over.
    const WORDS: &[&[u8]] = &[
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\0",
        b"\xff\xff\xff\xff",
        b"\x80",
        b"*",
        b"/",
        b"//",
        b":",
        b"-",
        b",",
        b"\"",
        b"\\",
        b"{}",
        b"[",
        b"null",
        b"-1",
        b"0",
        b"18446744073709551616",
        b"99999999999999999999",
        b"1e309",
        b"\xc3\xa9",
        b"xn--",
        b"%00",
        b"%2e%2e",
        b"bytes=",
        b"chunked",
        b"Content-Length: ",
        b"Transfer-Encoding: ",
        b"import ",
        b"`${",
        b"/*",
        b"//",
        b"L",
        b"W",
        b"#",
        b"60",
        b"SUN",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x92\xa9",
        b"=",
        b"[[",
        b"'''",
        b"T",
        b"Z",
        b"+24:60",
    ];
}
