//! The image of this process: what our children run.
//!
//! Not the path that we were started by: an upgrade in place puts another program there while this one runs. That one may hold
//! another V8, whose snapshots do not start here, and the sandbox lets nobody execute it.

/// The program that runs, whatever lies at its path by now (`proc_pid_exe(5)`); it needs `/proc`, as the sandbox does.
pub const IMAGE: &str = "/proc/self/exe";
