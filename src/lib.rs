//! Eyot: a self-hostable edge-worker runtime.

pub mod admin;
pub mod admit;
pub mod cli;
pub mod config;
pub mod control;
pub mod deployment;
pub mod dispatch;
pub mod ids;
pub mod isolate;
pub mod kv;
pub mod limits;
pub mod listener;
pub mod observe;
pub mod respond;
pub mod route;
pub mod script;
pub mod server;
pub mod snapshot;
pub mod store;
pub mod telemetry;
