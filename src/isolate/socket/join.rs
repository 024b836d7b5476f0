//! Two sockets joined: what one gets the other sends, without JavaScript.

use super::{GOING_AWAY, Received, Socket};

/// Passes messages between two sockets until both have ended; an end of one closes the other.
pub(in crate::isolate) async fn join(one: &Socket, other: &Socket) {
    futures::future::join(pass(one, other), pass(other, one)).await;
}

async fn pass(from: &Socket, to: &Socket) {
    loop {
        let message = match from.next().await {
            Received::Message(message) => message,
            Received::Ended(ending) => {
                let sendable = !matches!(ending.code, 1005 | 1006 | 1015);
                let broken = (GOING_AWAY, "");
                to.close(match (ending.clean, sendable) {
                    (true, true) => Some((ending.code, ending.reason.as_str())),
                    (true, false) => None,
                    (false, _) => Some(broken),
                });
                return;
            }
        };
        if to.send(message).is_err() {
            from.close(Some((GOING_AWAY, "")));
        }
        to.drained().await;
    }
}
