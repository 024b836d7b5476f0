// A WebSocket that sends back what it gets.
export default {
  fetch(request) {
    if (globalThis.Deno?.upgradeWebSocket) {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.addEventListener("message", (event) => socket.send(event.data));
      return response;
    }
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", (event) => server.send(event.data));
    return new Response(null, { status: 101, webSocket: client });
  },
};
