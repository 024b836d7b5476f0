//! Which cipher suite a connection gets: AES with a key of 128 bits, unless the client would rather have ChaCha20.
//!
//! rustls takes the client's order, and OpenSSL's clients and its own begin with AES-256 and SHA-384. The key schedule of TLS 1.3
//! hashes a good hundred blocks for each handshake, and processors have instructions for SHA-256 alone: a new connection with
//! a request took 355 us of CPU, of which SHA-384 were 60. A client that begins with ChaCha20 has no instructions for AES, and
//! its order counts (as with BoringSSL's groups of equal preference).

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::server::ClientHello;
use rustls::{CipherSuite, ServerConfig, SupportedCipherSuite};

/// One way to answer, in two orders of preference.
#[derive(Debug)]
pub(super) struct Suites {
    ours: Arc<ServerConfig>,
    clients: Arc<ServerConfig>,
}

impl Suites {
    pub(super) fn new(config: &ServerConfig) -> Self {
        let [ours, clients] = [true, false].map(|ignore_client_order| {
            let mut config = config.clone();
            config.ignore_client_order = ignore_client_order;
            Arc::new(config)
        });
        Self { ours, clients }
    }

    /// What this client is answered with.
    pub(super) fn for_client(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        let ours = &self.ours.crypto_provider().cipher_suites;
        let is_ours = |suite: &CipherSuite| ours.iter().any(|known| known.suite() == *suite);
        let first = hello.cipher_suites().iter().copied().find(is_ours);
        Arc::clone(if first.is_some_and(is_chacha) { &self.clients } else { &self.ours })
    }
}

/// The provider with its suites in our order of preference; each of them is as safe as the others.
pub(super) fn in_our_order(mut provider: CryptoProvider) -> CryptoProvider {
    provider.cipher_suites.sort_by_key(|suite| !has_short_key(suite));
    provider
}

fn has_short_key(suite: &SupportedCipherSuite) -> bool {
    matches!(
        suite.suite(),
        CipherSuite::TLS13_AES_128_GCM_SHA256
            | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    )
}

fn is_chacha(suite: CipherSuite) -> bool {
    matches!(
        suite,
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256
            | CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
            | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    )
}
