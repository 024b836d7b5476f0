//! Eyot: other people's JavaScript, run at the edge of one's own network.
//!
//! This page is the architecture: how a request goes, what each module is for, what must never happen, and what is left
//! out. What Eyot does for its users stands in the README.
//!
//! # The life of a request
//!
//! ```text
//! downstream ─► listener ─► dispatch: route ─► admit ─► isolate ─► respond ─► downstream
//!               TLS, HTTP            │host      │permit  │slot thread: runtime, ops, bindings
//!               limits               ▼          ▼        ▼
//!                               published    rate,     watchdog (CPU), heap and buffer caps
//!                               versions     in-flight
//! control plane:  admin ─► control ─► snapshot builder (child process) ─► store ─► published versions
//! ```
//!
//! 1. [`listener`] accepts the connection within its caps, picks the certificate by the name asked for, and hands on a
//!    well-formed request whose body still streams. Where the name leads to one script that has proved itself, the connection
//!    is handed to that script's slot before the handshake, and all that follows happens on one thread.
//! 2. [`dispatch`] is the rest on one screen. [`route`] reads script and tenant from the host name, what
//!    [`control`] has published says which version serves, and [`admit`] gives a permit, which the response's body holds
//!    to its last byte.
//! 3. [`isolate`] picks a slot: one OS thread with at most one live isolate, fed by a bounded mailbox. A slot starts its
//!    isolate from the version's own snapshot, or evaluates the script: in an isolate that was started ahead where the script
//!    is small, and where there is no snapshot of it. Every entry into JavaScript is armed with what is left of a CPU
//!    budget, and what it cost is charged to a request.
//! 4. What ends a run is an [`isolate::Outcome`]. [`respond`] alone makes a status of it; [`telemetry`] counts and logs it
//!    once.
//!
//! The data plane only reads what the control plane publishes: immutable [`deployment::Deployment`]s behind an atomic swap.
//! An upload goes the other way: [`admin`] reads it, [`control`] checks it and has [`snapshot`] evaluate its top level in
//! a fresh process, [`store`] keeps code and snapshot, one transaction makes it the version that serves.
//!
//! The flow is carried by types: an answer holds a permit, a permit needs what is published, an id or a limit that exists
//! has been parsed. `main` is not asynchronous, because V8 must be initialised before the first thread.
//!
//! # The modules, in reading order
//!
//! A module uses only modules of a lower rank; the ranks are the table of `tests/tidy.rs`.
//!
//! | module | what it is for |
//! |---|---|
//! | [`image`] | the program that runs, for children of ours |
//! | [`codings`] | content codings that a client says it reads |
//! | [`cage`] | what the process cannot do any more: files, system calls, core dumps |
//! | [`ids`] | names and ids that can only be parsed or generated |
//! | [`limits`] | the limits' values and ranges; token bucket, thread clock and CPU watchdog |
//! | [`observe`] | our own logs, and the metrics' registry |
//! | [`weburl`] | URLs as scripts see them, to the letter of the standard |
//! | [`script`] | what a tenant uploads: modules and their kinds, type stripping, project folders |
//! | [`deployment`] | the immutable description of a version that serves |
//! | [`store`] | content-addressed blobs, their cache, and SQLite databases |
//! | [`cache`] | the responses under `caches`, bounded, by tenant |
//! | [`kv`] | the engine under the KV binding: one SQLite file per namespace |
//! | [`route`] | which script a host name means; route patterns and the table of those |
//! | [`admit`] | may this tenant run one more request now? |
//! | [`listener`] | TLS, HTTP/1.1 and HTTP/2, connection caps, certificates, the local authority |
//! | [`isolate`] | the pool of slots, starting and driving an isolate, its caps, ops and bindings |
//! | [`snapshot`] | builds a version's snapshot in a child process |
//! | [`assets`] | static assets: manifests, files, the rules of paths, serving |
//! | [`inspect`] | Chrome's DevTools protocol for `eyot dev --inspect` |
//! | [`tails`] | live tails: who watches which script, and what each is told |
//! | [`telemetry`] | what runs and requests report becomes metrics and log lines |
//! | [`respond`] | an outcome becomes a response; the only status codes of the data plane |
//! | [`control`] | tenants, tokens, scripts, versions, secrets, audit: every change, in one transaction |
//! | [`dispatch`] | the whole request: route, admit, run, respond |
//! | [`events`] | cron triggers: when they are due, and their dispatch |
//! | [`admin`] | Cloudflare's API v4, one file per resource; health and metrics |
//! | [`config`] | flags, environment and file become one checked value |
//! | [`server`] | fills the state, binds, runs, drains |
//! | [`cli`] | one file per subcommand; client commands speak only the admin API |
//!
//! Beside `src/`: `js/` is our part of the JavaScript that scripts find, `tests/e2e` goes through the front door with one
//! fixture script for each behaviour, `tests/tidy.rs` holds the rules of the sources.
//!
//! # What must never happen
//!
//! 1. JavaScript runs without an armed limit scope.
//! 2. One tenant's value, error text, timing hook or log line reaches another tenant.
//! 3. A tenant's action, of any kind, ends the process or blocks another tenant longer than its own CPU budget.
//! 4. An acknowledged write is lost; a refused upload changes what is served.
//! 5. A limit that cannot be armed means "no limit".
//! 6. A request waits forever: every queue is bounded, every wait has a deadline, every await on a tenant's promise knows
//!    when nothing can settle it.
//! 7. Memory grows with the number of isolates ever started.
//!
//! # What is absent on purpose, and what is absent so far
//!
//! On purpose: a `Deno` namespace or any host object in reach of a script; `eval` and `new Function`; I/O, timers and
//! randomness at the top level, and a clock that moves while JavaScript runs; a direct dependency on `v8`, which could become a second
//! one; process-wide signals for per-request limits; consensus or replication of our own.
//!
//! So far: `queue` and whatever else turns an event into a request; queues, buckets, databases; what of `node:crypto` the
//! README names.

pub mod cage;
pub mod codings;
pub mod ids;
pub mod image;
pub mod limits;
pub mod observe;
pub mod script;
pub mod weburl;

pub mod deployment;
pub mod store;

pub mod cache;
pub mod kv;

pub mod admit;
pub mod isolate;
pub mod listener;
pub mod route;

pub mod assets;
pub mod inspect;
pub mod respond;
pub mod snapshot;
pub mod tails;
pub mod telemetry;

pub mod control;

pub mod admin;
pub mod config;
pub mod dispatch;

pub mod events;

pub mod server;

pub mod cli;

#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
