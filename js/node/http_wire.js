// A response's way out through a socket that somebody has given it: HTTP/1.1 as text, as Node writes it.
//
// Adapters that run an application of Node's as a function of another platform read it from a socket of their own making
// (serverless-http, @codegenie/serverless-express, light-my-request).
(function () {
  const { core, primordials } = __bootstrap;
  const { Date, DatePrototypeToUTCString, NumberPrototypeToString, StringPrototypeIncludes, StringPrototypeToLowerCase } =
    primordials;
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");

  /**
   * Makes the head, which leaves with what comes first. What is framed neither by the length of all the body, where that is known by
   * now, nor by chunks ends with the connection.
   */
  function storeHead(response) {
    const { _contentLength: length, statusCode } = response;
    // https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1
    if (statusCode < 200 || statusCode === 204 || statusCode === 304) response._hasBody = false;
    let head = `HTTP/1.1 ${statusCode} ${response.statusMessage}\r\n`;
    const said = { __proto__: null };
    const list = response._list();
    for (let i = 0; i < list.length; i++) {
      const { 0: name, 1: value } = list[i];
      said[StringPrototypeToLowerCase(name)] = value;
      head += `${name}: ${value}\r\n`;
    }
    if (response.sendDate && said.date === undefined) head += `Date: ${DatePrototypeToUTCString(new Date())}\r\n`;
    const isFramed = said["content-length"] !== undefined || said["transfer-encoding"] !== undefined;
    const mayChunk = response._hasBody && response.useChunkedEncodingByDefault;
    if (said.connection === undefined) {
      const lives = response.shouldKeepAlive && (isFramed || length !== undefined || response.useChunkedEncodingByDefault);
      head += lives ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    }
    if (isFramed) {
      const codings = StringPrototypeToLowerCase(said["transfer-encoding"] ?? "");
      response.chunkedEncoding = response._hasBody && StringPrototypeIncludes(codings, "chunked");
    } else if (length !== undefined) {
      if (response._hasBody) head += `Content-Length: ${length}\r\n`;
    } else if (mayChunk) {
      response.chunkedEncoding = true;
      head += "Transfer-Encoding: chunked\r\n";
    }
    head += "\r\n";
    response._header = response._unsentHead = head;
  }

  /** Writes the head, if it has not left yet. */
  function writeHead(response) {
    const head = response._unsentHead;
    response._unsentHead = "";
    if (head !== "") response._wire.write(head, "latin1");
  }

  /** Writes a piece of the body. */
  function writePiece(response, bytes, callback) {
    const wire = response._wire;
    writeHead(response);
    if (bytes.byteLength === 0 || !response._hasBody) {
      callback();
      return;
    }
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!response.chunkedEncoding) {
      wire.write(piece, undefined, callback);
      return;
    }
    wire.write(`${NumberPrototypeToString(bytes.byteLength, 16)}\r\n`, "latin1");
    wire.write(piece);
    wire.write("\r\n", "latin1", callback);
  }

  /** Says that the body has ended. */
  function writeEnd(response, callback) {
    writeHead(response);
    response._wire.write(response.chunkedEncoding ? "0\r\n\r\n" : "", "latin1", callback);
  }

  return { storeHead, writeEnd, writeHead, writePiece };
})()
