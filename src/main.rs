//! The life of the process: arguments, configuration, logs, V8, runtime, node, signal, drain, exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use eyot::cli::{Cli, Command, DevArguments, Failure, ServeArguments, run_client, serve_dev};
use eyot::config::{Config, Flags, LogFormat, Source};
use eyot::server::{self, Ended, Inherited, Node};
use eyot::{isolate, limits, observe, snapshot};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    // The snapshot builder's child: not a command of anybody's, so clap never sees it.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == snapshot::CHILD_ARGUMENT) {
        return exit_of_child(snapshot::child::run());
    }
    match Cli::parse().command {
        Command::Serve(arguments) => Failure::report(serve(&arguments)),
        Command::Dev(arguments) => Failure::report(dev(&arguments)),
        Command::Client(command) => run_client(command),
    }
}

fn serve(arguments: &ServeArguments) -> Result<(), Failure> {
    let flags = Flags {
        data: arguments.data.clone(),
        listen: arguments.listen,
        admin_listen: arguments.admin_listen,
        domain: arguments.domain.clone(),
    };
    let source = arguments.config.as_deref().map_or(Source::Defaults, Source::File);
    let config = Config::load(source, |name| std::env::var(name).ok(), &flags)
        .map_err(|error| Failure::configuration(error.to_string()))?;
    server::check(&config).map_err(|error| Failure::configuration(error.to_string()))?;
    if arguments.check {
        return Ok(());
    }
    start_logs(&config)?;
    // Rules on files hold for the threads that are started later.
    let cage = server::confine(&config, arguments.config.as_deref());
    let cage = cage.map_err(|error| Failure::failed(error.to_string()))?;
    // V8 before the first thread: see `isolate::init`. Its threads collect garbage and compile, for whoever makes them.
    let main = limits::ThreadId::of_this_thread();
    limits::set_slice(main, limits::LONG);
    isolate::init();
    // Threads are born with their maker's slices: those of the stores do little at a time.
    limits::set_slice(main, limits::SHORT);
    let inherited =
        Inherited::take().map_err(|error| Failure::failed(format!("take up inherited sockets: {error}")))?;
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let stop = stop_on_signals()?;
        let node = Node::start(config, inherited).await.map_err(|error| Failure::failed(error.to_string()))?;
        let node = node.confined(cage).map_err(|error| Failure::failed(error.to_string()))?;
        node.prepare().await.map_err(|error| Failure::failed(error.to_string()))?;
        // A closed standard output is no reason not to serve.
        let _ = node.announce(&mut io::stdout().lock());
        node.run(stop).await.map_err(|error| Failure::failed(format!("serve: {error}")))
    })?;
    match ended {
        Ended::Stopped => Ok(()),
        Ended::Exhausted(handover) => Err(Failure::failed(format!("begin anew: {}", handover.execute()))),
    }
}

fn dev(arguments: &DevArguments) -> Result<(), Failure> {
    isolate::init();
    runtime()?.block_on(async {
        let stop = stop_on_signals()?;
        serve_dev(arguments, stop).await
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // What moves bytes does little at a time and comes before what computes.
        .on_thread_start(|| limits::set_slice(limits::ThreadId::of_this_thread(), limits::SHORT))
        .build()
        .map_err(|error| Failure::failed(format!("start the runtime: {error}")))
}

fn start_logs(config: &Config) -> Result<(), Failure> {
    let format = match config.logs.format {
        LogFormat::Text => observe::logs::LogFormat::Text,
        LogFormat::Json => observe::logs::LogFormat::Json,
    };
    observe::logs::init(format, config.logs.level.as_str()).map_err(|error| Failure::configuration(error.to_string()))
}

/// Cancelled by the first SIGTERM or SIGINT; the second ends the process at once.
fn stop_on_signals() -> Result<CancellationToken, Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::failed(format!("listen for signals: {error}")));
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopping.cancel();
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        let _ = io::stdout().flush();
        std::process::exit(1);
    });
    Ok(stop)
}

fn exit_of_child(ended: io::Result<()>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("eyot: failed to build a snapshot: {error}");
            ExitCode::FAILURE
        }
    }
}
