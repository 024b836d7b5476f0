//! One debugger: messages between its WebSocket and an isolate's inspector, until either goes away.

use deno_core::{InspectorSessionChannels, create_worker_inspector_session_pair};
use futures::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::isolate::Connect;

/// Speaks the protocol on a socket that has been upgraded.
pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(io: S, connect: &Connect) {
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    // deno_core makes the two ends of a session together only for its workers; ours is the debugger's end of one.
    let (debugger, isolate) = create_worker_inspector_session_pair(String::new());
    connect(isolate);
    let InspectorSessionChannels::Worker { main_to_worker_tx: commands, worker_to_main_rx: mut events, .. } =
        debugger.channels
    else {
        return;
    };
    loop {
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    if commands.unbounded_send(text.to_string()).is_err() {
                        break;
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
            event = events.next() => {
                // The isolate is gone, or the debugger is.
                let Some(event) = event else { break };
                if socket.send(Message::text(event.content)).await.is_err() {
                    break;
                }
            }
        }
    }
    // Whoever has left needs no goodbye.
    let _ = socket.close(None).await;
}
