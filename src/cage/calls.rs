//! Which system calls a process may make, by seccomp.
//!
//! Lists of what is allowed. What is on no list does not exist for the process (`ENOSYS`): the C library then takes
//! its older way, which is how a new version of it keeps working, and `clone3`, whose flags a filter cannot see, is left
//! out for that reason. A filter holds for good, and through exec.

use std::collections::BTreeMap;

use libc::{
    CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS, CLONE_PTRACE,
    CLONE_THREAD, c_int, c_long,
};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter, apply_filter_all_threads,
};

use super::process;

/// Whether the kernel can hold a process to system calls.
pub(super) fn available() -> Result<(), String> {
    let actions = std::fs::read_to_string("/proc/sys/kernel/seccomp/actions_avail").unwrap_or_default();
    if node_filter_holds() || actions.split_whitespace().any(|action| action == "errno") {
        return Ok(());
    }
    Err("the kernel has no seccomp filters".to_owned())
}

/// Holds all threads of this process, and all that they start, to a node's calls.
pub(super) fn restrict_node() -> Result<(), String> {
    let filter = node_filter().map_err(|error| error.to_string())?;
    apply_filter_all_threads(&filter).map_err(|error| error.to_string())
}

/// Whether a computing child may open files at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// Rules on files leave it randomness only, which V8 reads.
    HeldByRules,
    /// There are no rules; V8 then takes its seeds from the clock.
    Never,
}

/// Holds this thread, and all that it starts, to a computing child's calls. Nothing else runs yet.
pub(super) fn restrict_computation(opening: Opening) -> Result<(), String> {
    let filter = computation_filter(opening).map_err(|error| error.to_string())?;
    apply_filter(&filter).map_err(|error| error.to_string())
}

/// Whether a node's filter holds for this thread: it alone makes an option of prctl that no kernel has a missing call,
/// and leaves those that every program uses.
pub(super) fn node_filter_holds() -> bool {
    process::answer_to_unknown_prctl(UNKNOWN_PRCTL) == Some(libc::ENOSYS)
}

fn node_filter() -> Result<BpfProgram, BackendError> {
    let mut rules = unconditional(&[MEMORY, THREADS, POLLING, OPEN_FILES, FILES, NETWORK, PROCESSES, CAGE]);
    rules.extend(unconditional(&[LEGACY]));
    let domain = |domain: c_int| is(0, domain);
    let kind = |kind: c_int| masked(1, SOCKET_KIND_MASK, kind);
    rules.insert(
        libc::SYS_socket,
        vec![
            SeccompRule::new(vec![domain(libc::AF_INET)?, kind(libc::SOCK_STREAM)?])?,
            SeccompRule::new(vec![domain(libc::AF_INET)?, kind(libc::SOCK_DGRAM)?])?,
            SeccompRule::new(vec![domain(libc::AF_INET6)?, kind(libc::SOCK_STREAM)?])?,
            SeccompRule::new(vec![domain(libc::AF_INET6)?, kind(libc::SOCK_DGRAM)?])?,
            // The C library asks which addresses this machine has, to order what a name resolves to.
            SeccompRule::new(vec![domain(libc::AF_NETLINK)?, is(2, libc::NETLINK_ROUTE)?])?,
        ],
    );
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![masked(0, NEVER_CLONED, 0)?])?]);
    shared_conditions(&mut rules)?;
    compile(rules)
}

fn computation_filter(opening: Opening) -> Result<BpfProgram, BackendError> {
    let mut rules = unconditional(&[MEMORY, THREADS, POLLING, OPEN_FILES]);
    if opening == Opening::HeldByRules {
        rules.insert(libc::SYS_openat, Vec::new());
    }
    rules.extend(unconditional(&[LEGACY_COMPUTING]));
    let thread_only = masked(0, NEVER_CLONED | CLONE_THREAD, CLONE_THREAD)?;
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![thread_only])?]);
    shared_conditions(&mut rules)?;
    compile(rules)
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn unconditional(lists: &[&[c_long]]) -> Rules {
    lists.iter().flat_map(|list| list.iter()).map(|call| (*call, Vec::new())).collect()
}

fn shared_conditions(rules: &mut Rules) -> Result<(), BackendError> {
    let each = |argument: u8, values: &[c_int]| -> Result<Vec<SeccompRule>, BackendError> {
        values.iter().map(|value| SeccompRule::new(vec![is(argument, *value)?])).collect()
    };
    rules.insert(libc::SYS_ioctl, {
        let requests = [libc::FIONBIO, libc::FIOCLEX, libc::FIONREAD, libc::TCGETS, libc::TIOCGWINSZ];
        let requests = requests.map(|request| request as c_int);
        each(1, &requests)?
    });
    let mut options = each(0, &PRCTL_OPTIONS)?;
    // It can be switched off and never on again.
    options.push(SeccompRule::new(vec![is(0, libc::PR_SET_DUMPABLE)?, is(1, 0)?])?);
    rules.insert(libc::SYS_prctl, options);
    rules.insert(libc::SYS_socketpair, each(0, &[libc::AF_UNIX])?);
    Ok(())
}

fn compile(rules: Rules) -> Result<BpfProgram, BackendError> {
    let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    SeccompFilter::new(rules, missing, SeccompAction::Allow, std::env::consts::ARCH.try_into()?)?.try_into()
}

fn is(argument: u8, value: c_int) -> Result<SeccompCondition, BackendError> {
    condition(argument, SeccompCmpOp::Eq, value)
}

fn masked(argument: u8, mask: c_int, value: c_int) -> Result<SeccompCondition, BackendError> {
    condition(argument, SeccompCmpOp::MaskedEq(u64::from(mask.cast_unsigned())), value)
}

/// All these arguments are of 32 bits, whatever stands in the upper half of their registers.
fn condition(argument: u8, operator: SeccompCmpOp, value: c_int) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, u64::from(value.cast_unsigned()))
}

/// `EYOT` in ASCII; options of prctl are small numbers, and the few that are not spell something else.
const UNKNOWN_PRCTL: c_int = 0x4559_4f54;

const SOCKET_KIND_MASK: c_int = 0xf;

/// Namespaces are how a process gets at what it has no right to; being traced by its child is another way.
const NEVER_CLONED: c_int = CLONE_NEWNS
    | CLONE_NEWUSER
    | CLONE_NEWPID
    | CLONE_NEWNET
    | CLONE_NEWIPC
    | CLONE_NEWUTS
    | CLONE_NEWCGROUP
    | CLONE_PTRACE;

const PRCTL_OPTIONS: [c_int; 10] = [
    libc::PR_SET_NAME,
    libc::PR_GET_NAME,
    libc::PR_SET_VMA,
    libc::PR_SET_NO_NEW_PRIVS,
    libc::PR_GET_NO_NEW_PRIVS,
    libc::PR_GET_DUMPABLE,
    libc::PR_SET_PDEATHSIG,
    libc::PR_GET_SECCOMP,
    libc::PR_SET_TIMERSLACK,
    libc::PR_CAPBSET_READ,
];

const MEMORY: &[c_long] = &[
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_msync,
    libc::SYS_mincore,
    libc::SYS_membarrier,
    libc::SYS_pkey_alloc,
    libc::SYS_pkey_free,
    libc::SYS_pkey_mprotect,
];

const THREADS: &[c_long] = &[
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_get_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_tgkill,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_rt_sigsuspend,
    libc::SYS_sigaltstack,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_setattr, // a thread's time slice
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_get_priority_max,
    libc::SYS_sched_get_priority_min,
    libc::SYS_getcpu,
    libc::SYS_getpriority,
    libc::SYS_getrusage,
    libc::SYS_getrandom,
    libc::SYS_prlimit64,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_times,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
];

const POLLING: &[c_long] = &[
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_eventfd2,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    libc::SYS_timerfd_gettime,
    libc::SYS_pipe2,
];

/// On what is open already. `newfstatat` also tells a path's size and times, and nothing else of it.
const OPEN_FILES: &[c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_preadv2,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_pwritev2,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_shutdown,
];

const FILES: &[c_long] = &[
    libc::SYS_openat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    libc::SYS_chdir,
    libc::SYS_umask,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_ftruncate,
    libc::SYS_truncate,
    libc::SYS_fallocate,
    libc::SYS_fadvise64,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_flock,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_sync_file_range,
    libc::SYS_copy_file_range,
    libc::SYS_sendfile,
];

/// No `listen`: whatever is to listen does so before the filter. `bind` is for datagrams and the C library's own socket.
const NETWORK: &[c_long] = &[
    libc::SYS_bind,
    libc::SYS_connect,
    libc::SYS_accept4,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_sendmmsg,
    libc::SYS_recvmmsg,
];

/// For children that are ourselves: which program may be started is the file rules' to say.
const PROCESSES: &[c_long] = &[
    libc::SYS_execve,
    libc::SYS_wait4,
    libc::SYS_waitid,
    libc::SYS_kill,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_signalfd4,
];

/// A child puts its own, tighter cage on.
const CAGE: &[c_long] = &[
    libc::SYS_seccomp,
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_add_rule,
    libc::SYS_landlock_restrict_self,
];

/// Older forms of the above that the C library still uses on x86-64; arm64 never had them.
#[cfg(target_arch = "x86_64")]
const LEGACY: &[c_long] = &[
    libc::SYS_access,
    libc::SYS_arch_prctl,
    libc::SYS_chmod,
    libc::SYS_dup2,
    libc::SYS_epoll_create,
    libc::SYS_epoll_wait,
    libc::SYS_eventfd,
    libc::SYS_getdents,
    libc::SYS_getrlimit,
    libc::SYS_link,
    libc::SYS_lstat,
    libc::SYS_mkdir,
    libc::SYS_open,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_rename,
    libc::SYS_rmdir,
    libc::SYS_select,
    libc::SYS_stat,
    libc::SYS_time,
    libc::SYS_unlink,
];
#[cfg(not(target_arch = "x86_64"))]
const LEGACY: &[c_long] = &[];

#[cfg(target_arch = "x86_64")]
const LEGACY_COMPUTING: &[c_long] = &[
    libc::SYS_arch_prctl,
    libc::SYS_dup2,
    libc::SYS_epoll_create,
    libc::SYS_epoll_wait,
    libc::SYS_eventfd,
    libc::SYS_getrlimit,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const LEGACY_COMPUTING: &[c_long] = &[];

#[cfg(test)]
pub(super) use for_one_thread::{restrict_computation_thread, restrict_node_thread};

/// The filters on one thread of a test, so that the others go on.
#[cfg(test)]
mod for_one_thread {
    use super::*;

    pub(in super::super) fn restrict_node_thread() -> Result<(), String> {
        apply_filter(&node_filter().map_err(|error| error.to_string())?).map_err(|error| error.to_string())
    }

    pub(in super::super) fn restrict_computation_thread(opening: Opening) -> Result<(), String> {
        apply_filter(&computation_filter(opening).map_err(|error| error.to_string())?)
            .map_err(|error| error.to_string())
    }
}
