//! Reads: what reader threads do with the jobs of one namespace.

use std::sync::Arc;

use super::answer::{Answer, Health, send};
use super::clock::Clock;
use super::crew::Job;
use super::entry::{Entry, Key, ListRequest, Page};
use super::error::KvError;
use super::files::Files;
use super::namespace_file::NamespaceFile;
use crate::ids::NamespaceId;

/// A question about one namespace, and where its answer goes.
#[derive(Debug)]
pub(super) enum ReadJob {
    /// The entry under a key.
    One(Key, Answer<Option<Entry>>),
    /// The entry under a key, whether it has expired or not.
    Stored(Key, Answer<Option<Entry>>),
    /// The entries under several keys.
    Many(Vec<Key>, Answer<Vec<Option<Entry>>>),
    /// One page of keys.
    List(ListRequest, Answer<Page>),
    /// Bytes stored.
    StoredBytes(Answer<u64>),
}

/// Serves the reads of one namespace.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) files: Arc<Files>,
    pub(super) clock: Clock,
}

impl Reader {
    /// Answers these jobs.
    pub(super) fn serve(&self, namespace: &NamespaceId, jobs: Vec<ReadJob>) {
        let mut lease = match self.files.lease(namespace) {
            Ok(lease) => lease,
            Err(error) => {
                jobs.into_iter().for_each(|job| job.refuse(error.clone()));
                return;
            }
        };
        let mut health = Health::Good;
        for job in jobs {
            if !job.is_abandoned() {
                health = health.and(job.answer(&mut lease, self.clock.now()));
            }
        }
        if health == Health::Doubtful {
            lease.discard();
        }
    }
}

impl ReadJob {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool {
        match self {
            Self::One(_, done) | Self::Stored(_, done) => done.is_closed(),
            Self::Many(_, done) => done.is_closed(),
            Self::List(_, done) => done.is_closed(),
            Self::StoredBytes(done) => done.is_closed(),
        }
    }

    fn answer(self, file: &mut NamespaceFile, now: u64) -> Health {
        match self {
            Self::One(key, done) => send(done, file.read(&key, now)),
            Self::Stored(key, done) => send(done, file.read_stored(&key)),
            Self::Many(keys, done) => send(done, file.read_many(&keys, now)),
            Self::List(request, done) => send(done, file.list(&request, now)),
            Self::StoredBytes(done) => send(done, file.stored_bytes()),
        }
    }
}

impl Job for ReadJob {
    fn refuse(self, error: KvError) {
        match self {
            Self::One(_, done) | Self::Stored(_, done) => send(done, Err(error)),
            Self::Many(_, done) => send(done, Err(error)),
            Self::List(_, done) => send(done, Err(error)),
            Self::StoredBytes(done) => send(done, Err(error)),
        };
    }
}
