//! Blobs, counted: their bytes live outside V8's heap and count against the isolate's memory cap all the same.
//!
//! deno_web keeps the parts of `Blob`s in a store of the host's choosing. The store cannot refuse a part, so what is
//! over the cap is found when the isolate's memory is next measured, a few milliseconds of CPU time later. A slice or a
//! copy of a part refers to the bytes themselves and never to the part it was made of: slices of slices would be read
//! through each other, a stack frame for each, until there is no more stack and the process ends.
//!
//! Invariant: what a [`Bytes`] keeps is no [`Piece`] of this store's, nor made of one.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use deno_core::url::Url;
use deno_web::{Blob, BlobPart, BlobStoreTrait, InMemoryBlobPart};
use futures::FutureExt as _;
use parking_lot::Mutex;
use uuid::Uuid;

use super::body::Held;
use super::gauge::MemoryGauge;

/// One isolate's blobs.
#[derive(Debug)]
pub(super) struct CountedBlobs {
    pieces: Mutex<HashMap<Uuid, Arc<Piece>>>,
    object_urls: Mutex<HashMap<Url, Named>>,
    places: Arc<Places>,
    gauge: Arc<MemoryGauge>,
}

type Part = Arc<dyn BlobPart + Send + Sync>;

/// All bytes that are kept, by the address they start at.
type Places = Mutex<BTreeMap<usize, Weak<Bytes>>>;

/// A part as deno_web made it, for as long as a piece of it is there.
struct Bytes {
    part: Part,
    start: usize,
    _held: Held,
    places: Arc<Places>,
}

/// A part as JavaScript refers to it: some or all of what is kept.
struct Piece {
    bytes: Arc<Bytes>,
    range: Range<usize>,
    _held: Held,
}

/// What an object URL stands for.
#[derive(Debug)]
struct Named {
    blob: Arc<Blob>,
    _held: Held,
}

impl CountedBlobs {
    /// An empty store that counts in `gauge`.
    pub(super) fn new(gauge: Arc<MemoryGauge>) -> Self {
        Self { pieces: Mutex::default(), object_urls: Mutex::default(), places: Arc::default(), gauge }
    }

    /// The part as a piece of what is kept already, or of what is kept from now on.
    fn piece_of(&self, part: Part) -> Piece {
        let size = part.size();
        // Every part is in memory, and read at once.
        let at = part.read().now_or_never().map_or(0, |bytes| bytes.as_ptr().addr());
        if size == 0 {
            return self.piece(Arc::new(InMemoryBlobPart::from(Vec::new())), at, 0..0);
        }
        // Not in the arms of a `match`: what was the last reference is not to be dropped under the lock.
        let before = self.places.lock().range(..=at).next_back().and_then(|(_, bytes)| bytes.upgrade());
        match before {
            Some(bytes) if at + size <= bytes.start + bytes.part.size() => {
                let offset = at - bytes.start;
                Piece { bytes, range: offset..offset + size, _held: Held::count(&self.gauge, PIECE_BYTES) }
            }
            _ => {
                let piece = self.piece(part, at, 0..size);
                self.places.lock().insert(at, Arc::downgrade(&piece.bytes));
                piece
            }
        }
    }

    fn piece(&self, part: Part, start: usize, range: Range<usize>) -> Piece {
        let held = Held::count(&self.gauge, part.size() as u64);
        let bytes = Arc::new(Bytes { part, start, _held: held, places: Arc::clone(&self.places) });
        Piece { bytes, range, _held: Held::count(&self.gauge, PIECE_BYTES) }
    }
}

impl BlobStoreTrait for CountedBlobs {
    fn insert_part(&self, part: Part) -> Uuid {
        let (id, piece) = (Uuid::new_v4(), Arc::new(self.piece_of(part)));
        self.pieces.lock().insert(id, piece);
        id
    }

    fn get_part(&self, id: &Uuid) -> Option<Part> {
        let piece = Arc::clone(self.pieces.lock().get(id)?);
        Some(piece)
    }

    fn remove_part(&self, id: &Uuid) -> Option<Part> {
        let piece = self.pieces.lock().remove(id)?;
        Some(piece)
    }

    fn get_object_url(&self, mut url: Url) -> Option<Arc<Blob>> {
        url.set_fragment(None);
        Some(Arc::clone(&self.object_urls.lock().get(&url)?.blob))
    }

    fn insert_object_url(&self, blob: Blob, location: Option<Url>) -> Url {
        let origin = location.map_or_else(|| "null".to_owned(), |location| location.origin().ascii_serialization());
        let url = Url::parse(&format!("blob:{origin}/{}", Uuid::new_v4())).expect("an origin and an id make a URL");
        let bytes = OBJECT_URL_BYTES + (blob.media_type.len() + size_of_val(&*blob.parts)) as u64;
        let named = Named { blob: Arc::new(blob), _held: Held::count(&self.gauge, bytes) };
        self.object_urls.lock().insert(url.clone(), named);
        url
    }

    fn remove_object_url(&self, url: &Url) {
        self.object_urls.lock().remove(url);
    }

    fn clear(&self) {
        self.pieces.lock().clear();
        self.object_urls.lock().clear();
    }
}

#[async_trait]
impl BlobPart for Piece {
    async fn read<'a>(&'a self) -> &'a [u8] {
        &self.bytes.part.read().await[self.range.clone()]
    }

    fn size(&self) -> usize {
        self.range.len()
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Piece").field("range", &self.range).finish_non_exhaustive()
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        let mut places = self.places.lock();
        if places.get(&self.start).is_some_and(|bytes| bytes.strong_count() == 0) {
            places.remove(&self.start);
        }
    }
}

/// What a piece takes beside its bytes: its entry here, and an object or two.
const PIECE_BYTES: u64 = 256;

/// What an object URL takes beside what it stands for.
const OBJECT_URL_BYTES: u64 = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn in_memory(bytes: usize) -> Part {
        Arc::new(InMemoryBlobPart::from(vec![7; bytes]))
    }

    /// A slice as deno_web makes it, which holds on to the part it was made of.
    #[derive(Debug)]
    struct Slice(Part, Range<usize>);

    #[async_trait]
    impl BlobPart for Slice {
        async fn read<'a>(&'a self) -> &'a [u8] {
            &self.0.read().await[self.1.clone()]
        }

        fn size(&self) -> usize {
            self.1.len()
        }
    }

    /// Keeps two parts, one of which is still read when it is removed.
    #[test]
    fn a_part_counts_until_its_last_reader_is_gone() {
        let gauge = MemoryGauge::new(1_000);
        let blobs = CountedBlobs::new(Arc::clone(&gauge));
        let first = blobs.insert_part(in_memory(300));
        let second = blobs.insert_part(in_memory(900));
        assert_eq!(gauge.buffer_bytes(), 1_200 + 2 * PIECE_BYTES);
        let reader = blobs.get_part(&second);
        blobs.remove_part(&second);
        assert_eq!(gauge.buffer_bytes(), 1_200 + 2 * PIECE_BYTES);
        drop(reader);
        assert_eq!(gauge.buffer_bytes(), 300 + PIECE_BYTES);
        blobs.remove_part(&first);
        assert_eq!(gauge.buffer_bytes(), 0);
        assert!(blobs.places.lock().is_empty());
    }

    /// Slices of slices and copies of copies, more than a thread has stack for, on a thread with little.
    #[test]
    fn a_slice_of_a_slice_is_a_slice_of_the_whole() {
        let work = || {
            let gauge = MemoryGauge::new(1 << 30);
            let blobs = CountedBlobs::new(Arc::clone(&gauge));
            let mut last = blobs.insert_part(in_memory(100_000));
            for length in (2..=100_000).rev().step_by(2) {
                let part = blobs.get_part(&last).expect("it is there");
                let slice = blobs.insert_part(Arc::new(Slice(Arc::clone(&part), 1..length - 1)));
                let copy = blobs.insert_part(blobs.get_part(&slice).expect("it is there"));
                blobs.remove_part(&last);
                blobs.remove_part(&slice);
                last = copy;
            }
            assert_eq!(blobs.get_part(&last).expect("it is there").size(), 0);
            let whole = blobs.insert_part(in_memory(10));
            let part = blobs.get_part(&whole).expect("it is there");
            let end = blobs.insert_part(Arc::new(Slice(part, 7..10)));
            blobs.remove_part(&whole);
            let read = blobs.get_part(&end).expect("it is there");
            assert_eq!(read.read().now_or_never(), Some(&[7; 3][..]));
            drop(read);
            assert_eq!(gauge.buffer_bytes(), 10 + 2 * PIECE_BYTES);
            blobs.clear();
            assert_eq!(gauge.buffer_bytes(), 0);
        };
        std::thread::Builder::new()
            .stack_size(256 << 10)
            .spawn(work)
            .expect("starts")
            .join()
            .expect("has enough stack");
    }

    /// Names one blob over and over.
    #[test]
    fn object_urls_count() {
        let gauge = MemoryGauge::new(1 << 30);
        let blobs = CountedBlobs::new(Arc::clone(&gauge));
        let urls: Vec<Url> = (0..10)
            .map(|_| blobs.insert_object_url(Blob { media_type: "text/plain".to_owned(), parts: Vec::new() }, None))
            .collect();
        assert_eq!(gauge.buffer_bytes(), 10 * (OBJECT_URL_BYTES + 10));
        let mut named = urls[0].clone();
        named.set_fragment(Some("part"));
        assert!(blobs.get_object_url(named).is_some());
        urls.iter().for_each(|url| blobs.remove_object_url(url));
        assert_eq!(gauge.buffer_bytes(), 0);
    }
}
