//! Type stripping for the admin API, in a child process: the source is a stranger's.

use std::io;

use futures::future::BoxFuture;

use crate::admin::{StripRefusal, StripTypes, Stripped};
use crate::script::{Scanned, StripError, Stripper};

/// Strips in children of this process, or says why it cannot.
pub(super) struct InChild {
    stripper: Result<Stripper, String>,
}

impl InChild {
    /// With this stripper; one that could not be made refuses TypeScript and nothing else.
    pub(super) fn new(stripper: io::Result<Stripper>) -> Self {
        Self { stripper: stripper.map_err(|error| error.to_string()) }
    }
}

impl StripTypes for InChild {
    fn strip<'a>(&'a self, name: &'a str, source: &'a str) -> BoxFuture<'a, Result<Stripped, StripRefusal>> {
        Box::pin(async move {
            let stripper = self.stripper.as_ref().map_err(|error| StripRefusal::Platform(error.clone()))?;
            match stripper.strip(name, source).await {
                Ok(stripped) => Ok(Stripped { source: stripped.source, source_map: stripped.source_map.into_bytes() }),
                Err(error) => Err(refusal(&error)),
            }
        })
    }

    fn scan<'a>(&'a self, name: &'a str, source: &'a str) -> BoxFuture<'a, Result<Scanned, StripRefusal>> {
        Box::pin(async move {
            let stripper = self.stripper.as_ref().map_err(|error| StripRefusal::Platform(error.clone()))?;
            stripper.scan(name, source).await.map_err(|error| refusal(&error))
        })
    }
}

fn refusal(error: &StripError) -> StripRefusal {
    match error {
        StripError::Syntax(_) | StripError::TooHard { .. } => StripRefusal::Source(error.to_string()),
        StripError::Child(_) => StripRefusal::Platform(error.to_string()),
    }
}
