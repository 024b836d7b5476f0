//! The end-to-end tests: one file per promise, each through the real front doors of the real binary.
//!
//! Most share one node and make tenants of their own; those that kill, drain or configure start one. None sleeps to wait
//! for something: they ask until a deadline. After an attack the neighbour tenant is asked whether it noticed.

mod admin_isolation;
mod apps;
mod assets;
mod attacks;
mod caches;
mod cli;
mod commonjs;
mod conformance;
mod console;
mod cpu;
mod crash;
mod crowd;
mod dev;
mod egress;
mod examples;
mod exhaustion;
mod fetch_network;
mod forms;
mod front_door;
mod harness;
mod html_rewriter;
mod http2_frames;
mod hung;
mod hygiene;
mod inspect;
mod kv_binding;
mod lodging;
mod memory;
mod node_modules;
mod noisy;
mod outcomes;
mod plain_start;
mod proxy;
mod refused_uploads;
mod routes;
mod sandbox;
mod schedules;
mod scripts;
mod sdk;
mod secrets;
mod serve;
mod service_bindings;
mod snapshot_stress;
mod streaming;
mod tails;
mod tcp;
mod thousand_tenants;
mod tls;
mod types;
mod usage;
mod websocket;
mod websocket_protocol;
mod wrangler;
