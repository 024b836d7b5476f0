//! Names and ids that travel through every layer.
//!
//! Each is a newtype that can only be parsed or generated, so holding one is proof that it is well formed: it fits in
//! a path, a host name, a log line and a metrics label without quoting. Knows nothing of what it names.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A map by name or id, looked into several times for each request.
pub type NameMap<K, V> = HashMap<K, V, NameHasher>;

/// A quick hasher with a seed of its own for each map. The standard library's withstands keys that an attacker picks, at several
/// times the price; these are short, were accepted before, and are bounded in number for each tenant.
pub type NameHasher = foldhash::fast::RandomState;

/// Why a text is not an id or a name of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("parse {kind} {text:?}: expected {expected}")]
pub struct ParseIdError {
    kind: &'static str,
    text: String,
    expected: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $expected:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text form, as it appears in paths, hosts and logs.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.into()))
                } else {
                    let shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
                    Err(ParseIdError { kind: $kind, text: shown, expected: $expected })
                }
            }
        }

        // Tables with such keys are asked by text as well.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseIdError;

            fn try_from(text: String) -> Result<Self, ParseIdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A tenant, by the id the admin API calls the account id.
    TenantId,
    "account id",
    "32 lowercase hexadecimal digits",
    is_hex32
);

text_id!(
    /// A tenant's label in host names (the account's subdomain): `{script}.{tenant}.{domain}`.
    TenantName,
    "subdomain",
    "1 to 63 of a-z, 0-9 and -, not at either end",
    is_dns_label
);

text_id!(
    /// A script's name, unique within its tenant.
    ScriptName,
    "script name",
    "1 to 63 of a-z, 0-9, _ and -, starting with a letter, digit or _",
    is_script_name
);

text_id!(
    /// A KV namespace.
    NamespaceId,
    "namespace id",
    "32 lowercase hexadecimal digits",
    is_hex32
);

text_id!(
    /// A zone: a host name as one tenant sees it, with what lies below. Nothing is kept of it but what has patterns.
    ZoneId,
    "zone id",
    "32 lowercase hexadecimal digits",
    is_hex32
);

text_id!(
    /// A live tail.
    TailId,
    "tail id",
    "32 lowercase hexadecimal digits",
    is_hex32
);

text_id!(
    /// A custom hostname or route pattern.
    RouteId,
    "route id",
    "32 lowercase hexadecimal digits",
    is_hex32
);

text_id!(
    /// One immutable upload of a script.
    VersionId,
    "version id",
    "a lowercase UUID",
    is_uuid
);

text_id!(
    /// The decision that some versions serve.
    DeploymentId,
    "deployment id",
    "a lowercase UUID",
    is_uuid
);

text_id!(
    /// The content address of a stored blob: SHA-256.
    BlobHash,
    "blob hash",
    "64 lowercase hexadecimal digits",
    |text| text.len() == 64 && text.bytes().all(is_lower_hex)
);

text_id!(
    /// A request's id, as logs, tail and the `eyot-ray` header show it.
    RayId,
    "ray",
    "16 lowercase hexadecimal digits",
    |text| text.len() == 16 && text.bytes().all(is_lower_hex)
);

impl TenantId {
    /// A new random id.
    #[must_use]
    pub fn generate() -> Self {
        Self(random_hex::<16>().into())
    }
}

impl ZoneId {
    /// The zone of this name of this tenant. Its first half tells the tenant, so that its calls can be authorised.
    #[must_use]
    pub fn of(tenant: &TenantId, name: &str) -> Self {
        let hash = BlobHash::of(name.as_bytes());
        Self(format!("{}{}", half(tenant.as_str()), half(&hash.as_str()[..32])).into())
    }

    /// Whether it can be a zone of this tenant.
    #[must_use]
    pub fn is_of(&self, tenant: &TenantId) -> bool {
        half(&self.0) == half(tenant.as_str())
    }

    /// What the ids of its tenant begin with.
    #[must_use]
    pub fn tenant_prefix(&self) -> &str {
        half(&self.0)
    }
}

impl TailId {
    /// A new random id.
    #[must_use]
    pub fn generate() -> Self {
        Self(random_hex::<16>().into())
    }
}

impl RouteId {
    /// A new random id.
    #[must_use]
    pub fn generate() -> Self {
        Self(random_hex::<16>().into())
    }
}

impl NamespaceId {
    /// A new random id.
    #[must_use]
    pub fn generate() -> Self {
        Self(random_hex::<16>().into())
    }
}

impl VersionId {
    /// A new id; later ones sort after earlier ones.
    #[must_use]
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().to_string().into())
    }
}

impl DeploymentId {
    /// A new id; later ones sort after earlier ones.
    #[must_use]
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().to_string().into())
    }
}

impl RayId {
    /// A new random id.
    #[must_use]
    pub fn generate() -> Self {
        // One each request: the generator is asked for many at once.
        thread_local! {
            static AHEAD: RefCell<Vec<[u8; RAY_BYTES]>> = const { RefCell::new(Vec::new()) };
        }
        let bytes = AHEAD.with_borrow_mut(|ahead| {
            if ahead.is_empty() {
                let mut random = [0; RAY_BYTES * RAYS_AHEAD];
                aws_lc_rs::rand::fill(&mut random).expect("the operating system has randomness");
                ahead.extend_from_slice(random.as_chunks().0);
            }
            ahead.pop().unwrap_or_default()
        });
        let mut digits = [0; RAY_BYTES * 2];
        hex::encode_to_slice(bytes, &mut digits).expect("there is room for two digits a byte");
        Self(str::from_utf8(&digits).expect("digits are ASCII").into())
    }
}

impl BlobHash {
    /// The address of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(hex::encode(sha2::Sha256::digest(bytes)).into())
    }
}

/// Bytes of a ray, and how many rays a thread draws at once.
const RAY_BYTES: usize = 8;
const RAYS_AHEAD: usize = 32;

fn random_hex<const N: usize>() -> String {
    let mut bytes = [0u8; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has randomness");
    hex::encode(bytes)
}

/// The first half of a text of hexadecimal digits.
fn half(text: &str) -> &str {
    text.get(..text.len() / 2).unwrap_or(text)
}

fn is_lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

fn is_hex32(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(is_lower_hex)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => is_lower_hex(byte),
        })
}

fn is_dns_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_script_name(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_')
}

/// How much of a refused text an error repeats.
const SHOWN_CHARS_MAX: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses texts on both sides of each rule.
    #[test]
    fn names_hold_only_what_a_host_can() {
        for good in ["a", "hello", "a-b", "0x", &"a".repeat(63)] {
            assert!(good.parse::<TenantName>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a.b", "a_b", "ä", &"a".repeat(64)] {
            assert!(bad.parse::<TenantName>().is_err(), "{bad}");
        }
        assert!("my_script-1".parse::<ScriptName>().is_ok());
        for bad in ["", "-a", "A", "a b", "../x", "a/b", "a\0"] {
            assert!(bad.parse::<ScriptName>().is_err(), "{bad}");
        }
    }

    /// What is generated can be parsed again.
    #[test]
    fn generated_ids_parse() {
        assert!(TenantId::generate().as_str().parse::<TenantId>().is_ok());
        assert!(VersionId::generate().as_str().parse::<VersionId>().is_ok());
        assert!(RayId::generate().as_str().parse::<RayId>().is_ok());
        assert!(BlobHash::of(b"x").as_str().parse::<BlobHash>().is_ok());
        assert!("00000000-0000-0000-0000-00000000000G".parse::<VersionId>().is_err());
    }
}
