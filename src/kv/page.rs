//! Pages: which rows of an ordered scan a list shows, and where the next page starts.
//!
//! Pure: rows and `now` go in, a page comes out. One page looks at no more than [`ROWS_LOOKED_AT_MAX`] rows however many
//! of them have expired, so it may be empty and still not the last.

use super::cursor;
use super::entry::{Key, ListRequest, ListedKey, Page};
use super::rules;

/// Builds one page from rows in key order.
pub(super) struct PageBuilder<'a> {
    request: &'a ListRequest,
    now: u64,
    keys: Vec<ListedKey>,
    rows_looked_at: usize,
    last_looked_at: Option<Key>,
    next: Option<String>,
}

/// Whether the page wants another row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// Give the next row.
    Continue,
    /// The page is settled.
    Stop,
}

impl<'a> PageBuilder<'a> {
    pub(super) fn new(request: &'a ListRequest, now: u64) -> Self {
        Self { request, now, keys: Vec::new(), rows_looked_at: 0, last_looked_at: None, next: None }
    }

    /// The smallest key, in bytes, that the page may hold; rows are to be given from there on.
    pub(super) fn start(&self) -> Vec<u8> {
        let prefix = self.request.prefix.as_bytes();
        match &self.request.after {
            // A key with a zero byte behind it is the first that sorts after the key itself.
            Some(after) if after.as_str().as_bytes() >= prefix => [after.as_str().as_bytes(), b"\0"].concat(),
            _ => prefix.to_vec(),
        }
    }

    /// Looks at the next row.
    pub(super) fn look_at(&mut self, row: ListedKey) -> Scan {
        if !row.name.as_str().starts_with(&*self.request.prefix) {
            return Scan::Stop;
        }
        if self.rows_looked_at == ROWS_LOOKED_AT_MAX {
            self.next = self.last_looked_at.as_ref().map(cursor::encode);
            return Scan::Stop;
        }
        self.rows_looked_at += 1;
        self.last_looked_at = Some(row.name.clone());
        if !rules::is_visible(row.expiration, self.now) {
            return Scan::Continue;
        }
        if self.keys.len() == self.request.limit {
            self.next = self.keys.last().map(|listed| cursor::encode(&listed.name));
            return Scan::Stop;
        }
        self.keys.push(row);
        Scan::Continue
    }

    /// The page, when there are no more rows or the scan was to stop.
    pub(super) fn finish(self) -> Page {
        Page { keys: self.keys, cursor: self.next }
    }
}

/// Rows that one page looks at: ten times the largest page, some milliseconds of work.
const ROWS_LOOKED_AT_MAX: usize = 10 * rules::LIST_LIMIT_MAX;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000;

    fn row(name: &str, expiration: Option<u64>) -> ListedKey {
        ListedKey { name: Key::new(name).expect("a key"), expiration, metadata: None }
    }

    /// Lists all pages of these sorted rows, and counts them.
    fn all(rows: &[ListedKey], prefix: &str, limit: i64) -> (Vec<String>, usize) {
        let (mut names, mut pages, mut cursor) = (Vec::new(), 0, None::<String>);
        loop {
            let request = ListRequest::new(Some(prefix), Some(limit), cursor.as_deref()).expect("a request");
            let mut page = PageBuilder::new(&request, NOW);
            let start = page.start();
            for row in rows.iter().filter(|row| row.name.as_str().as_bytes() >= start.as_slice()) {
                if page.look_at(row.clone()) == Scan::Stop {
                    break;
                }
            }
            let page = page.finish();
            assert!(page.keys.len() <= limit as usize);
            names.extend(page.keys.iter().map(|listed| listed.name.to_string()));
            pages += 1;
            cursor = page.cursor;
            if cursor.is_none() {
                return (names, pages);
            }
        }
    }

    /// Pages of each size over keys inside and outside the prefix.
    #[test]
    fn pages_hold_every_key_of_the_prefix_once() {
        let rows: Vec<_> = ["a", "b", "b/1", "b/2", "b/\u{10ffff}", "c"].map(|name| row(name, None)).to_vec();
        assert_eq!(all(&rows, "", 2), (["a", "b", "b/1", "b/2", "b/\u{10ffff}", "c"].map(String::from).to_vec(), 3));
        assert_eq!(all(&rows, "b/", 2), (["b/1", "b/2", "b/\u{10ffff}"].map(String::from).to_vec(), 2));
        assert_eq!(all(&rows, "b", 4).1, 1, "a page that holds the rest is the last");
        assert_eq!(all(&rows, "x", 1), (vec![], 1));
    }

    /// Expired keys before, between and after visible ones.
    #[test]
    fn expired_keys_are_skipped_without_ending_the_list() {
        let rows = [row("a", Some(NOW)), row("b", None), row("c", Some(1)), row("d", Some(NOW + 1)), row("e", Some(2))];
        assert_eq!(all(&rows, "", 1), (["b", "d"].map(String::from).to_vec(), 2));
    }

    /// More expired keys in a row than one page looks at.
    #[test]
    fn a_page_looks_at_a_bounded_number_of_rows() {
        let mut rows: Vec<_> = (0..25_000).map(|at| row(&format!("k{at:05}"), Some(NOW))).collect();
        rows.push(row("z", None));
        assert_eq!(all(&rows, "", 1_000), (vec!["z".to_owned()], 3));
    }
}
