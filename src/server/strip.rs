//! Type stripping for the admin API, in a child process: the source is a stranger's.

use futures::future::BoxFuture;

use crate::admin::{StripRefusal, StripTypes, Stripped};
use crate::script::{Scanned, StripError, Stripper};

/// Strips in children of this process.
#[derive(Default)]
pub(super) struct InChild {
    stripper: Stripper,
}

impl StripTypes for InChild {
    fn strip<'a>(&'a self, name: &'a str, source: &'a str) -> BoxFuture<'a, Result<Stripped, StripRefusal>> {
        Box::pin(async move {
            match self.stripper.strip(name, source).await {
                Ok(stripped) => Ok(Stripped { source: stripped.source, source_map: stripped.source_map.into_bytes() }),
                Err(error) => Err(refusal(&error)),
            }
        })
    }

    fn scan<'a>(&'a self, name: &'a str, source: &'a str) -> BoxFuture<'a, Result<Scanned, StripRefusal>> {
        Box::pin(async move { self.stripper.scan(name, source).await.map_err(|error| refusal(&error)) })
    }
}

fn refusal(error: &StripError) -> StripRefusal {
    match error {
        StripError::Syntax(_) | StripError::TooHard { .. } => StripRefusal::Source(error.to_string()),
        StripError::Child(_) => StripRefusal::Platform(error.to_string()),
    }
}
