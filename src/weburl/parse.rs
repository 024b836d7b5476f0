//! The basic URL parser's states, those that follow one another as one function:
//! <https://url.spec.whatwg.org/#url-parsing>.

use std::borrow::Cow;

use super::encode::{CONTROL, FRAGMENT, PATH, QUERY, SPECIAL_QUERY, USERINFO, encoded};
use super::{Path, WebUrl, default_port, host, is_drive, is_normalized_drive, is_special};

pub(super) fn parse(input: &str, base: Option<&WebUrl>) -> Option<WebUrl> {
    let trimmed = input.trim_matches(|c: char| c <= ' ');
    let input = without_breaks(trimmed);
    let Some((scheme, rest)) = scheme_of(&input) else {
        return without_scheme(&input, base?);
    };
    let mut url = WebUrl::of_scheme(scheme);
    if url.scheme == "file" {
        url.file(rest, base.filter(|base| base.scheme == "file"))?;
    } else if url.is_special() {
        match base.filter(|base| base.scheme == url.scheme && !rest.starts_with("//")) {
            Some(base) => url.relative(rest, base)?,
            None => url.authority(rest.trim_start_matches(['/', '\\']))?,
        }
    } else if let Some(rest) = rest.strip_prefix("//") {
        url.authority(rest)?;
    } else if let Some(rest) = rest.strip_prefix('/') {
        url.path(rest, Ends::AtMarks);
    } else {
        url.opaque_path(rest);
    }
    Some(url)
}

/// Tabs and line breaks are no part of a URL wherever they stand.
pub(super) fn without_breaks(input: &str) -> Cow<'_, str> {
    let is_break = ['\t', '\n', '\r'];
    if input.contains(is_break) { Cow::Owned(input.replace(is_break, "")) } else { Cow::Borrowed(input) }
}

/// The scheme in lower case, and what follows its colon.
fn scheme_of(input: &str) -> Option<(String, &str)> {
    let (scheme, rest) = input.split_once(':')?;
    is_scheme(scheme).then(|| (scheme.to_ascii_lowercase(), rest))
}

pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// The no scheme state.
fn without_scheme(input: &str, base: &WebUrl) -> Option<WebUrl> {
    if matches!(base.path, Path::Opaque(_)) {
        let fragment = input.strip_prefix('#')?;
        return Some(WebUrl { fragment: Some(encoded(fragment, FRAGMENT)), ..base.clone() });
    }
    let mut url = WebUrl::of_scheme(base.scheme.clone());
    if base.scheme == "file" {
        url.file(input, Some(base))?
    } else {
        url.relative(input, base)?
    }
    Some(url)
}

/// Where a path ends: at "?" or "#", or, when it is set alone, not before the text does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    AtMarks,
    WithText,
}

impl WebUrl {
    fn of_scheme(scheme: String) -> Self {
        Self {
            scheme,
            username: String::new(),
            password: String::new(),
            host: None,
            port: None,
            path: Path::Segments(String::new()),
            query: None,
            fragment: None,
        }
    }

    fn is_slash(&self, c: char) -> bool {
        c == '/' || (c == '\\' && self.is_special())
    }

    /// The relative state and the relative slash state.
    fn relative(&mut self, input: &str, base: &Self) -> Option<()> {
        if let Some(rest) = input.strip_prefix(|c| self.is_slash(c)) {
            if self.is_special() && rest.starts_with(['/', '\\']) {
                return self.authority(rest.trim_start_matches(['/', '\\']));
            }
            if let Some(rest) = rest.strip_prefix('/') {
                return self.authority(rest);
            }
            self.take_authority(base);
            self.path(rest, Ends::AtMarks);
            return Some(());
        }
        self.take_authority(base);
        self.path = base.path.clone();
        self.after_base_path(input, base, Self::shorten_path);
        Some(())
    }

    fn take_authority(&mut self, base: &Self) {
        self.username.clone_from(&base.username);
        self.password.clone_from(&base.password);
        self.host.clone_from(&base.host);
        self.port = base.port;
    }

    /// What follows where the base's path stands: nothing of it, a query, a fragment, or other segments for its last.
    fn after_base_path(&mut self, input: &str, base: &Self, prepare: impl FnOnce(&mut Self)) {
        if input.is_empty() || input.starts_with('#') {
            self.query.clone_from(&base.query);
        } else if !input.starts_with('?') {
            prepare(self);
            return self.path(input, Ends::AtMarks);
        }
        self.query_and_fragment(input);
    }

    /// The file state and those that follow it; the base is one of a file.
    fn file(&mut self, input: &str, base: Option<&Self>) -> Option<()> {
        self.host = Some(String::new());
        if let Some(rest) = input.strip_prefix(['/', '\\']) {
            if let Some(rest) = rest.strip_prefix(['/', '\\']) {
                return self.file_host(rest);
            }
            if let Some(base) = base {
                self.host.clone_from(&base.host);
                let first = base.path.as_str().split('/').nth(1).unwrap_or_default();
                if !starts_with_drive(rest) && is_normalized_drive(first) {
                    self.push_segment(first);
                }
            }
            self.path(rest, Ends::AtMarks);
            return Some(());
        }
        let Some(base) = base else {
            self.path(input, Ends::AtMarks);
            return Some(());
        };
        self.host.clone_from(&base.host);
        self.path = base.path.clone();
        self.after_base_path(input, base, |url| {
            if starts_with_drive(input) {
                url.path = Path::Segments(String::new());
            } else {
                url.shorten_path();
            }
        });
        Some(())
    }

    /// The file host state.
    fn file_host(&mut self, input: &str) -> Option<()> {
        let end = input.find(['/', '\\', '?', '#']).unwrap_or(input.len());
        let (name, rest) = input.split_at(end);
        if is_drive(name) {
            self.path(input, Ends::AtMarks);
            return Some(());
        }
        self.set_file_host(name)?;
        self.path_start(rest, Ends::AtMarks);
        Some(())
    }

    pub(super) fn set_file_host(&mut self, name: &str) -> Option<()> {
        let host = if name.is_empty() { String::new() } else { host::parse(name, true)? };
        self.host = Some(if host == "localhost" { String::new() } else { host });
        Some(())
    }

    /// The authority state, the host state and the port state.
    fn authority(&mut self, input: &str) -> Option<()> {
        let end = input.find(|c| matches!(c, '?' | '#') || self.is_slash(c)).unwrap_or(input.len());
        let (authority, rest) = input.split_at(end);
        let (credentials, place) = match authority.rsplit_once('@') {
            Some((_, "")) => return None,
            Some((credentials, place)) => (credentials, place),
            None => ("", authority),
        };
        let (username, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        self.username = encoded(username, USERINFO);
        self.password = encoded(password, USERINFO);
        let (name, port) = split_port(place);
        if name.is_empty() && (self.is_special() || port.is_some()) {
            return None;
        }
        self.host = Some(if name.is_empty() { String::new() } else { host::parse(name, self.is_special())? });
        self.port = match port {
            None | Some("") => None,
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => self.port_of(port)?,
            Some(_) => return None,
        };
        self.path_start(rest, Ends::AtMarks);
        Some(())
    }

    /// A port of digits alone, none where it is the scheme's own.
    #[expect(clippy::option_option, reason = "a port that cannot be, and a port that need not be said")]
    pub(super) fn port_of(&self, digits: &str) -> Option<Option<u16>> {
        let digits = digits.trim_start_matches('0');
        let port = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        Some(Some(port).filter(|port| default_port(&self.scheme) != Some(*port)))
    }

    /// The path start state.
    pub(super) fn path_start(&mut self, input: &str, ends: Ends) {
        if self.is_special() {
            return self.path(input.strip_prefix(['/', '\\']).unwrap_or(input), ends);
        }
        if ends == Ends::AtMarks && input.starts_with(['?', '#']) {
            return self.query_and_fragment(input);
        }
        if input.is_empty() {
            if ends == Ends::WithText && self.host.is_none() {
                self.push_segment("");
            }
            return;
        }
        self.path(input.strip_prefix('/').unwrap_or(input), ends);
    }

    /// The path state: segments, the first of which needs no slash before it.
    pub(super) fn path(&mut self, input: &str, ends: Ends) {
        let end = match ends {
            Ends::AtMarks => input.find(['?', '#']).unwrap_or(input.len()),
            Ends::WithText => input.len(),
        };
        let (path, marks) = input.split_at(end);
        let backslash = if self.is_special() { '\\' } else { '/' };
        let mut segments = path.split(['/', backslash]).peekable();
        while let Some(segment) = segments.next() {
            let is_last = segments.peek().is_none();
            match dots(segment) {
                2 => {
                    self.shorten_path();
                    if is_last {
                        self.push_segment("");
                    }
                }
                1 if is_last => self.push_segment(""),
                1 => {}
                _ if self.scheme == "file" && self.path.as_str().is_empty() && is_drive(segment) => {
                    self.push_segment(&format!("{}:", &segment[..1]));
                }
                _ => self.push_segment(&encoded(segment, PATH)),
            }
        }
        if ends == Ends::AtMarks {
            self.query_and_fragment(marks);
        }
    }

    /// The opaque path state: a space at its end could not be told from one around the URL.
    fn opaque_path(&mut self, input: &str) {
        let end = input.find(['?', '#']).unwrap_or(input.len());
        let (path, marks) = input.split_at(end);
        let mut path = encoded(path, CONTROL);
        if path.ends_with(' ') {
            path.pop();
            path.push_str("%20");
        }
        self.path = Path::Opaque(path);
        self.query_and_fragment(marks);
    }

    /// The query state and the fragment state, from the "?" or "#" on; a query that was there stays when none is given.
    fn query_and_fragment(&mut self, input: &str) {
        let (query, fragment) = match input.split_once('#') {
            Some((query, fragment)) => (query, Some(fragment)),
            None => (input, None),
        };
        if let Some(query) = query.strip_prefix('?') {
            self.set_query(query);
        }
        self.fragment = fragment.map(|fragment| encoded(fragment, FRAGMENT));
    }

    pub(super) fn set_query(&mut self, query: &str) {
        self.query = Some(encoded(query, if is_special(&self.scheme) { SPECIAL_QUERY } else { QUERY }));
    }
}

/// A host and what follows the colon after it, which is not one inside brackets.
pub(super) fn split_port(place: &str) -> (&str, Option<&str>) {
    let mut is_inside = false;
    for (at, c) in place.char_indices() {
        match c {
            '[' => is_inside = true,
            ']' => is_inside = false,
            ':' if !is_inside => return (&place[..at], Some(&place[at + 1..])),
            _ => {}
        }
    }
    (place, None)
}

/// Of how many dots the segment is, written as they are or encoded; 0 for any other.
fn dots(segment: &str) -> usize {
    let mut rest = segment;
    let mut count = 0;
    while !rest.is_empty() {
        rest = match rest.as_bytes() {
            [b'.', ..] => &rest[1..],
            [b'%', b'2', b'e' | b'E', ..] => &rest[3..],
            _ => return 0,
        };
        count += 1;
        if count > 2 {
            return 0;
        }
    }
    count
}

/// <https://url.spec.whatwg.org/#start-with-a-windows-drive-letter>
fn starts_with_drive(input: &str) -> bool {
    input.get(..2).is_some_and(is_drive) && input[2..].chars().next().is_none_or(|c| "/\\?#".contains(c))
}
