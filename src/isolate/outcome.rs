//! How a run ended.
//!
//! The words are those of contract section 2, seen in logs, tail and metrics. Knows nothing of status codes: they are
//! picked in `respond`.

/// Whose doing an outcome is: it picks the log level and who gets blamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nobody's: the run went well.
    None,
    /// The downstream client's.
    Client,
    /// The tenant's script.
    Tenant,
    /// Ours.
    Platform,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The handler answered.
    Ok,
    /// The handler threw, or can never answer.
    Exception,
    /// The request used up its CPU time.
    ExceededCpu,
    /// The isolate passed its memory cap.
    ExceededMemory,
    /// No first byte within the wall time.
    ExceededWallTime,
    /// No such host, script or route.
    ScriptNotFound,
    /// The tenant's rate or concurrency cap.
    TenantLimited,
    /// The node is overloaded or draining, or a neighbour in the same isolate broke a limit.
    Overloaded,
    /// The request passed through too many scripts.
    LoopDetected,
    /// The client left.
    Canceled,
    /// Our fault.
    InternalError,
}

impl Outcome {
    /// The word in logs, tail and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Exception => "exception",
            Self::ExceededCpu => "exceededCpu",
            Self::ExceededMemory => "exceededMemory",
            Self::ExceededWallTime => "exceededWallTime",
            Self::ScriptNotFound => "scriptNotFound",
            Self::TenantLimited | Self::Overloaded => "loadShed",
            Self::LoopDetected => "loopDetected",
            Self::Canceled => "canceled",
            Self::InternalError => "internalError",
        }
    }

    /// Whose doing it is.
    #[must_use]
    pub fn fault(self) -> Fault {
        match self {
            Self::Ok => Fault::None,
            Self::ScriptNotFound | Self::Canceled | Self::TenantLimited => Fault::Client,
            Self::Exception
            | Self::ExceededCpu
            | Self::ExceededMemory
            | Self::ExceededWallTime
            | Self::LoopDetected => Fault::Tenant,
            Self::Overloaded | Self::InternalError => Fault::Platform,
        }
    }
}
