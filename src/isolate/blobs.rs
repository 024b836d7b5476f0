//! Blobs, counted: their bytes live outside V8's heap and count against the isolate's memory cap all the same.
//!
//! deno_web keeps the parts of `Blob`s in a store of the host's choosing. The store cannot refuse a part, so what is
//! over the cap is found when the isolate's memory is next measured, a few milliseconds of CPU time later.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use deno_core::url::Url;
use deno_web::{Blob, BlobPart, BlobStore, BlobStoreTrait};
use uuid::Uuid;

use super::gauge::MemoryGauge;

/// One isolate's blobs.
#[derive(Debug)]
pub(super) struct CountedBlobs {
    store: BlobStore,
    gauge: Arc<MemoryGauge>,
}

impl CountedBlobs {
    /// An empty store that counts in `gauge`.
    pub(super) fn new(gauge: Arc<MemoryGauge>) -> Self {
        Self { store: BlobStore::default(), gauge }
    }
}

impl BlobStoreTrait for CountedBlobs {
    fn insert_part(&self, part: Arc<dyn BlobPart + Send + Sync>) -> Uuid {
        self.gauge.hold(part.size() as u64);
        self.store.insert_part(Arc::new(CountedPart { part, gauge: Arc::clone(&self.gauge) }))
    }

    fn get_part(&self, id: &Uuid) -> Option<Arc<dyn BlobPart + Send + Sync>> {
        self.store.get_part(id)
    }

    fn remove_part(&self, id: &Uuid) -> Option<Arc<dyn BlobPart + Send + Sync>> {
        self.store.remove_part(id)
    }

    fn get_object_url(&self, url: Url) -> Option<Arc<Blob>> {
        self.store.get_object_url(url)
    }

    fn insert_object_url(&self, blob: Blob, location: Option<Url>) -> Url {
        self.store.insert_object_url(blob, location)
    }

    fn remove_object_url(&self, url: &Url) {
        self.store.remove_object_url(url);
    }

    fn clear(&self) {
        self.store.clear();
    }
}

struct CountedPart {
    part: Arc<dyn BlobPart + Send + Sync>,
    gauge: Arc<MemoryGauge>,
}

#[async_trait]
impl BlobPart for CountedPart {
    async fn read<'a>(&'a self) -> &'a [u8] {
        self.part.read().await
    }

    fn size(&self) -> usize {
        self.part.size()
    }
}

impl Drop for CountedPart {
    fn drop(&mut self) {
        self.gauge.release(self.part.size() as u64);
    }
}

impl fmt::Debug for CountedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountedPart").field("size", &self.part.size()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use deno_web::InMemoryBlobPart;

    use super::*;

    /// Keeps two parts, one of which is still read when it is removed.
    #[test]
    fn a_part_counts_until_its_last_reader_is_gone() {
        let gauge = MemoryGauge::new(1_000);
        let blobs = CountedBlobs::new(Arc::clone(&gauge));
        let first = blobs.insert_part(Arc::new(InMemoryBlobPart::from(vec![0; 300])));
        let second = blobs.insert_part(Arc::new(InMemoryBlobPart::from(vec![0; 900])));
        assert_eq!(gauge.buffer_bytes(), 1_200);
        let reader = blobs.get_part(&second);
        blobs.remove_part(&second);
        assert_eq!(gauge.buffer_bytes(), 1_200);
        drop(reader);
        assert_eq!(gauge.buffer_bytes(), 300);
        blobs.remove_part(&first);
        assert_eq!(gauge.buffer_bytes(), 0);
    }
}
