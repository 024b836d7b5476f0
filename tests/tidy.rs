//! The project's own rules, as tests: what a reviewer would otherwise say twice.
//!
//! Every rule reads the sources as text and names file and line of what breaks it. The tables at the end are the place
//! where an exception or a new edge between modules is asked for, so that a reviewer sees it. Knows Rust only well enough
//! to tell code from comments and strings.

use std::fmt::Write as _;
use std::path::Path;

use crate::source::{
    Part, Source, all_sources, code_of, functions, has_word, is_argued, modules_named, read, rust_sources,
};

#[path = "tidy/source.rs"]
mod source;

/// Modules import only lower ranks, so that each can be read without those above it.
#[test]
fn modules_import_only_lower_ranks() {
    let rank_of = |module: &str| RANKS.iter().find(|(name, _)| *name == module).map(|(_, rank)| *rank);
    let mut broken = Vec::new();
    for source in rust_sources("src") {
        let Some(module) = source.module() else { continue };
        let Some(own_rank) = rank_of(&module) else {
            broken.push(format!("{}:1: module {module} has no rank in tests/tidy.rs", source.path));
            continue;
        };
        for (number, line) in source.code.lines().enumerate() {
            for used in modules_named(line).filter(|used| *used != module) {
                match rank_of(used) {
                    Some(rank) if rank < own_rank => {}
                    Some(rank) => broken.push(format!(
                        "{}:{}: {module} (rank {own_rank}) may not use {used} (rank {rank})",
                        source.path,
                        number + 1
                    )),
                    None => broken.push(format!("{}:{}: {used} has no rank in tests/tidy.rs", source.path, number + 1)),
                }
            }
        }
    }
    report("modules import only lower ranks", &broken);
}

/// Counts the lines of every file up to its unit tests.
#[test]
fn files_are_short() {
    let mut broken = Vec::new();
    for source in all_sources() {
        let lines = source.shipped().lines().count();
        if lines > FILE_LINES_MAX {
            broken.push(format!("{}:{lines}: {lines} lines without tests, at most {FILE_LINES_MAX}", source.path));
        }
    }
    report("files are short", &broken);
}

/// Counts the lines of every function from `fn` to its closing brace.
#[test]
fn functions_are_short() {
    let mut broken = Vec::new();
    for source in rust_sources("src").chain(rust_sources("tests")).chain(rust_sources("benches")) {
        for (first_line, name, lines) in functions(&source.code) {
            if lines > FUNCTION_LINES_MAX {
                broken.push(format!(
                    "{}:{first_line}: {name} has {lines} lines, at most {FUNCTION_LINES_MAX}",
                    source.path
                ));
            }
        }
    }
    report("functions are short", &broken);
}

/// Looks at the first line of every file.
#[test]
fn every_file_says_what_it_owns() {
    let mut broken = Vec::new();
    for source in all_sources() {
        let first = source.text.lines().next().unwrap_or_default();
        let opens_well = match source.path.ends_with(".rs") {
            true => first.starts_with("//! "),
            false => first.starts_with("// ") || first.starts_with("/*"),
        };
        if !opens_well {
            broken.push(format!("{}:1: does not open by saying what it owns and promises", source.path));
        }
    }
    report("every file says what it owns", &broken);
}

/// Looks for attributes that let a test pass without testing.
#[test]
fn no_test_is_ignored_or_expects_a_panic() {
    forbid("no ignored tests, no should_panic", all_sources(), Part::Whole, &["#[ignore", "should_panic"]);
}

/// Looks for what is put off or left over from debugging.
#[test]
fn nothing_is_left_unfinished() {
    forbid("nothing unfinished", all_sources(), Part::Whole, &["todo!", "unimplemented!", "dbg!"]);
    let mut broken = Vec::new();
    for source in all_sources() {
        for (number, line) in source.text.lines().enumerate() {
            let numbered =
                line.split_once("TODO(#").is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()));
            if line.contains(concat!("TO", "DO")) && !numbered && source.path != "tests/tidy.rs" {
                broken.push(format!("{}:{}: to do, but for which issue?", source.path, number + 1));
            }
        }
    }
    report("every to-do names its issue", &broken);
}

/// Files, folders and functions are named for what they do.
#[test]
fn names_say_something() {
    let mut broken = Vec::new();
    for source in all_sources() {
        for part in Path::new(&source.path).with_extension("").iter().filter_map(|part| part.to_str()) {
            if NAMES_THAT_SAY_NOTHING.contains(&part) {
                broken.push(format!("{}:1: {part} says nothing", source.path));
            }
        }
    }
    report("names say something", &broken);
    let mut broken = Vec::new();
    for source in rust_sources("src") {
        for (line, name, _) in functions(&source.code) {
            let empty_verb = name.starts_with("get_") || name.starts_with("do_");
            if empty_verb && !NAMES_OF_FOREIGN_TRAITS.contains(&name.as_str()) {
                broken.push(format!("{}:{line}: fn {name}", source.path));
            }
        }
    }
    report("verbs say something", &broken);
}

/// `unsafe` stays in the files of the table, which stay short and argue for every block.
#[test]
fn unsafe_is_rare_short_and_argued() {
    let mut broken = Vec::new();
    let mut seen = Vec::new();
    for source in rust_sources("src").chain(rust_sources("tests")).chain(rust_sources("benches")) {
        let unsafe_lines: Vec<usize> =
            source.code.lines().enumerate().filter(|(_, line)| has_word(line, "unsafe")).map(|(at, _)| at).collect();
        let Some(first) = unsafe_lines.first() else { continue };
        seen.push(source.path.clone());
        if !UNSAFE_FILES.contains(&source.path.as_str()) {
            broken.push(format!("{}:{}: unsafe outside the files named in tests/tidy.rs", source.path, first + 1));
        }
        let lines = source.shipped().lines().count();
        if lines > UNSAFE_FILE_LINES_MAX {
            broken.push(format!("{}:1: {lines} lines with unsafe, at most {UNSAFE_FILE_LINES_MAX}", source.path));
        }
        let text: Vec<&str> = source.text.lines().collect();
        let code: Vec<&str> = source.code.lines().collect();
        // `unsafe fn` only passes the duty on to its callers; the blocks inside it are argued like any other.
        for at in
            unsafe_lines.into_iter().filter(|at| code[*at].contains("unsafe {") || code[*at].contains("unsafe impl"))
        {
            if !is_argued(&text, at) {
                broken.push(format!("{}:{}: no `// SAFETY:` comment above this", source.path, at + 1));
            }
        }
    }
    for named in UNSAFE_FILES.iter().filter(|named| !seen.iter().any(|path| path == *named)) {
        broken.push(format!("tests/tidy.rs: {named} is in the table but has no unsafe"));
    }
    report("unsafe is rare, short and argued", &broken);
}

/// A panic is a bug, so nothing that ships unwraps.
#[test]
fn only_tests_unwrap() {
    forbid("only tests unwrap", rust_sources("src").collect(), Part::Shipped, &[".unwrap()", ".unwrap_unchecked("]);
}

/// Every queue has a bound.
#[test]
fn every_channel_is_bounded() {
    let unbounded =
        ["unbounded_channel", "mpsc::unbounded", "mpsc::channel()", "channel::unbounded", "UnboundedSender"];
    forbid("every channel is bounded", rust_sources("src").collect(), Part::Whole, &unbounded);
}

/// End-to-end tests wait for what they wait for: only the polling of the harness sleeps.
#[test]
fn no_test_sleeps_to_synchronise() {
    let sources = rust_sources("tests/e2e").filter(|source| source.path != "tests/e2e/harness/poll.rs").collect();
    forbid("no sleep in end-to-end tests", sources, Part::Whole, &["sleep("]);
}

/// Every line of the dependency tables says what the dependency is for.
#[test]
fn every_dependency_says_why() {
    let manifest = read("Cargo.toml");
    let mut broken = Vec::new();
    let mut in_dependencies = false;
    for (number, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        } else if in_dependencies && line.contains('=') && !line.starts_with('#') && !line.contains(" # ") {
            broken.push(format!("Cargo.toml:{}: no reason behind {line}", number + 1));
        }
    }
    report("every dependency says why", &broken);
}

/// Two packages named `v8` would be two V8s in one process. (`v8x` is another package, and is not built.)
#[test]
fn there_is_one_v8() {
    let count = read("Cargo.lock").lines().filter(|line| *line == "name = \"v8\"").count();
    assert_eq!(count, 1, "Cargo.lock has {count} packages named v8");
    let manifest = read("Cargo.toml");
    let direct = manifest.lines().any(|line| line.starts_with("v8 ") || line.starts_with("v8="));
    assert!(!direct, "V8 is reached through deno_core's re-export only");
}

/// A changelog that has no place for the next change gets none.
#[test]
fn the_changelog_has_an_unreleased_section() {
    assert!(
        read("CHANGELOG.md").lines().any(|line| line == "## [Unreleased]"),
        "CHANGELOG.md has no Unreleased section"
    );
}

/// The threat model names the file that is each barrier.
#[test]
fn every_barrier_of_the_threat_model_exists() {
    let model = read("docs/threat-model.md");
    let quoted: Vec<&str> = model.split('`').skip(1).step_by(2).collect();
    let named = quoted.iter().filter(|name| ["src/", "js/", "tests/"].iter().any(|folder| name.starts_with(folder)));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let missing: Vec<String> = named
        .clone()
        .filter(|name| !root.join(name).exists())
        .map(|name| format!("docs/threat-model.md: {name}"))
        .collect();
    assert!(named.count() > 30, "the threat model names its barriers");
    report("every barrier of the threat model exists", &missing);
}

/// A script that is loaded late and not listed is not found in a snapshot's process: versions fall back to plain starts, and
/// nothing says so.
#[test]
fn every_script_is_listed_for_loading() {
    let listed = read("src/isolate/ops/mod.rs");
    let scripts = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("js")).expect("the scripts");
    let names = scripts.map(|script| script.expect("a script").file_name().to_string_lossy().into_owned());
    let names: Vec<String> = names.filter(|name| Path::new(name).extension().is_some_and(|end| end == "js")).collect();
    let missing: Vec<String> = names
        .iter()
        .filter(|name| !listed.contains(&format!("\"{name}\"")))
        .map(|name| format!("js/{name}: not in the extension's lists in src/isolate/ops/mod.rs"))
        .collect();
    assert!(names.len() > 50, "the scripts are in js/");
    report("every script is listed for loading", &missing);
}

/// The lexer under the rules tells code from comments, strings, characters and lifetimes.
#[test]
fn the_rules_see_code_only() {
    let text = "a /* b /* c */ d */ e // f\n\"g\\\"h\" i r#\"j \" k\"# l 'm' '\\'' &'n o \"p\nq\" r";
    let code = code_of(text);
    assert_eq!(code.split_whitespace().collect::<String>(), "aeil&'nor");
    assert_eq!(code.lines().count(), text.lines().count());
    let functions = functions("fn a(b: [u8; 2]) -> u8 {\n if x {\n }\n}\ntrait T { fn c(&self); }\nfn d() {}\n");
    assert_eq!(functions, [(1, "a".to_owned(), 4), (6, "d".to_owned(), 1)]);
    let named: Vec<&str> = modules_named("use crate::kv::Kv; crate::{ids::X}; some_crate::y").collect();
    assert_eq!(named, ["kv", "ids"]);
}

/// Every top-level module and its rank; a module may use those of lower rank only.
const RANKS: &[(&str, u32)] = &[
    ("codings", 0),
    ("image", 0),
    ("cage", 1),
    ("ids", 0),
    ("limits", 1),
    ("observe", 1),
    ("weburl", 1),
    ("script", 2),
    ("deployment", 3),
    ("store", 3),
    ("cache", 4),
    ("kv", 4),
    ("route", 5),
    ("admit", 5),
    ("isolate", 5),
    ("listener", 5),
    ("assets", 6),
    ("inspect", 6),
    ("snapshot", 6),
    ("tails", 6),
    ("telemetry", 7),
    ("respond", 6),
    ("control", 7),
    ("dispatch", 8),
    ("events", 9),
    ("admin", 10),
    ("config", 8),
    ("server", 11),
    ("cli", 12),
    ("fuzzing", 12),
];

/// The only files that may hold `unsafe`.
const UNSAFE_FILES: &[&str] = &[
    "src/cage/process.rs",
    "src/isolate/arenas.rs",
    "src/isolate/array_buffers.rs",
    "src/isolate/code_from_strings.rs",
    "src/isolate/guard.rs",
    "src/isolate/icu_memory.rs",
    "src/isolate/large_mappings.rs",
    "src/isolate/native_memory/c.rs",
    "src/isolate/native_memory/mod.rs",
    "src/isolate/native_memory/rust.rs",
    "src/isolate/ops/collected.rs",
    "src/isolate/ops/hidden.rs",
    "src/isolate/ops/kept.rs",
    "src/isolate/ops/pinned.rs",
    "src/isolate/refused_sizes.rs",
    "src/isolate/rewriting/content.rs",
    "src/isolate/rewriting/visit.rs",
    "src/isolate/started.rs",
    "src/isolate/try_catches.rs",
    "src/limits/thread_clock.rs",
    "src/limits/thread_slice.rs",
    "src/limits/undisturbed.rs",
    "src/listener/socket.rs",
    "src/server/handover.rs",
    "src/store/unpacked.rs",
];

/// Methods of other people's traits, whose names are not ours to choose.
const NAMES_OF_FOREIGN_TRAITS: &[&str] =
    &["get_code_cache", "get_name", "get_object_url", "get_part", "get_source_map"];

const NAMES_THAT_SAY_NOTHING: &[&str] = &["utils", "util", "common", "helpers", "helper", "manager", "misc"];
const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const UNSAFE_FILE_LINES_MAX: usize = 200;

fn forbid(rule: &str, sources: Vec<Source>, part: Part, words: &[&str]) {
    let mut broken = Vec::new();
    for source in sources {
        let code = match part {
            Part::Whole => source.code.as_str(),
            Part::Shipped => source.shipped(),
        };
        for (number, line) in code.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                broken.push(format!("{}:{}: {word}", source.path, number + 1));
            }
        }
    }
    report(rule, &broken);
}

fn report(rule: &str, broken: &[String]) {
    let mut text = String::new();
    for line in broken {
        writeln!(text, "  {line}").expect("a string takes any text");
    }
    assert!(broken.is_empty(), "{rule}:\n{text}");
}
