//! Changing one part of a URL, as the setters of `URL` do: <https://url.spec.whatwg.org/#api>.
//!
//! What cannot be set changes nothing and is no error.

use super::encode::{FRAGMENT, USERINFO, encoded};
use super::parse::{Ends, is_scheme, split_port, without_breaks};
use super::{Path, WebUrl, default_port, host, is_special};

/// What can be changed, as the attributes of `URL` are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the standard's own names")]
pub enum Part {
    Hash,
    Host,
    Hostname,
    Password,
    Pathname,
    Port,
    Protocol,
    Search,
    Username,
}

impl Part {
    /// Each of them, by name.
    pub const ALL: [Self; 9] = [
        Self::Hash,
        Self::Host,
        Self::Hostname,
        Self::Password,
        Self::Pathname,
        Self::Port,
        Self::Protocol,
        Self::Search,
        Self::Username,
    ];
}

impl WebUrl {
    /// Sets one part; a value that is not valid for it changes nothing.
    pub fn set(&mut self, part: Part, value: &str) {
        match part {
            Part::Username if self.can_have_port() => self.username = encoded(value, USERINFO),
            Part::Password if self.can_have_port() => self.password = encoded(value, USERINFO),
            Part::Username | Part::Password => {}
            Part::Hash if value.is_empty() => self.fragment = None,
            Part::Hash => {
                let fragment = without_breaks(value.strip_prefix('#').unwrap_or(value));
                self.fragment = Some(encoded(&fragment, FRAGMENT));
            }
            Part::Search if value.is_empty() => self.query = None,
            Part::Search => self.set_query(&without_breaks(value.strip_prefix('?').unwrap_or(value))),
            Part::Protocol => self.set_scheme(&without_breaks(value)),
            Part::Port => self.set_port(&without_breaks(value)),
            Part::Host | Part::Hostname if !self.is_opaque() => {
                // A host that cannot be leaves the one that is.
                let _ = self.set_host(&without_breaks(value), part);
            }
            Part::Pathname if !self.is_opaque() => {
                self.path = Path::Segments(String::new());
                self.path_start(&without_breaks(value), Ends::WithText);
            }
            Part::Host | Part::Hostname | Part::Pathname => {}
        }
    }

    fn is_opaque(&self) -> bool {
        matches!(self.path, Path::Opaque(_))
    }

    /// <https://url.spec.whatwg.org/#cannot-have-a-username-password-port>
    fn can_have_port(&self) -> bool {
        self.host.as_ref().is_some_and(|host| !host.is_empty()) && self.scheme != "file"
    }

    /// The scheme state with a state override: the special schemes stay among themselves.
    fn set_scheme(&mut self, value: &str) {
        let scheme = value.split(':').next().unwrap_or_default();
        if !is_scheme(scheme) {
            return;
        }
        let scheme = scheme.to_ascii_lowercase();
        let becomes_file = scheme == "file" && (self.has_credentials() || self.port.is_some());
        let has_no_host = self.scheme == "file" && self.host.as_ref().is_none_or(String::is_empty);
        if is_special(&scheme) != self.is_special() || becomes_file || has_no_host {
            return;
        }
        if self.port.is_some() && self.port == default_port(&scheme) {
            self.port = None;
        }
        self.scheme = scheme;
    }

    /// The port state with a state override: digits, and whatever follows them.
    fn set_port(&mut self, value: &str) {
        if !self.can_have_port() {
            return;
        }
        if value.is_empty() {
            self.port = None;
            return;
        }
        let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
        if end > 0
            && let Some(port) = self.port_of(&value[..end])
        {
            self.port = port;
        }
    }

    /// The host state and the hostname state with a state override.
    fn set_host(&mut self, value: &str, part: Part) -> Option<()> {
        let is_special = self.is_special();
        let end = value.find(|c| matches!(c, '/' | '?' | '#') || (c == '\\' && is_special)).unwrap_or(value.len());
        let place = &value[..end];
        if self.scheme == "file" {
            return self.set_file_host(place);
        }
        let (name, port) = split_port(place);
        if port.is_some() && (name.is_empty() || part == Part::Hostname) {
            return None;
        }
        if name.is_empty() && (is_special || self.has_credentials() || self.port.is_some()) {
            return None;
        }
        self.host = Some(if name.is_empty() { String::new() } else { host::parse(name, is_special)? });
        if let Some(port) = port.filter(|port| !port.is_empty()) {
            self.set_port(port);
        }
        Some(())
    }
}
