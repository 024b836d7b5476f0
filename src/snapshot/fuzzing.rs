//! What fuzzing feeds to the snapshot builder's protocol.

use super::protocol::{Order, Reply};

/// An order and a reply: what is understood is said again in the same words.
pub(crate) fn protocol(data: &[u8]) {
    if let Ok(order) = serde_json::from_slice::<Order>(data) {
        assert!(serde_json::to_vec(&order).is_ok());
    }
    if let Ok(reply) = serde_json::from_slice::<Reply>(data) {
        let said = serde_json::to_vec(&reply).expect("a reply of ours");
        assert!(serde_json::from_slice::<Reply>(&said).is_ok());
    }
}
