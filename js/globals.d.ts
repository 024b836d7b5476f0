// What a script finds, as TypeScript sees it: `"types": ["./globals.d.ts"]` and a `lib` without "dom". `docs/api.md` says it in
// words and names what differs from the specifications; the test `types` holds this file against a running node.

type BufferSource = ArrayBuffer | ArrayBufferView;
type BodyInit = ReadableStream | Blob | BufferSource | FormData | URLSearchParams | string;
type HeadersInit = Headers | Iterable<Iterable<string>> | Record<string, string>;
type RequestInfo = Request | URL | string;

// Events: https://dom.spec.whatwg.org/#events

interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

declare class Event {
  constructor(type: string, init?: EventInit);
  static readonly NONE: 0;
  static readonly CAPTURING_PHASE: 1;
  static readonly AT_TARGET: 2;
  static readonly BUBBLING_PHASE: 3;
  readonly NONE: 0;
  readonly CAPTURING_PHASE: 1;
  readonly AT_TARGET: 2;
  readonly BUBBLING_PHASE: 3;
  readonly type: string;
  readonly target: EventTarget | null;
  readonly srcElement: EventTarget | null;
  readonly currentTarget: EventTarget | null;
  readonly eventPhase: number;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly defaultPrevented: boolean;
  readonly isTrusted: boolean;
  readonly timeStamp: number;
  cancelBubble: boolean;
  returnValue: boolean;
  composedPath(): EventTarget[];
  initEvent(type: string, bubbles?: boolean, cancelable?: boolean): void;
  preventDefault(): void;
  stopImmediatePropagation(): void;
  stopPropagation(): void;
}

type EventListener<E extends Event = Event> = ((event: E) => unknown) | { handleEvent(event: E): unknown };

interface EventListenerOptions {
  capture?: boolean;
}

interface AddEventListenerOptions extends EventListenerOptions {
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

declare class EventTarget {
  constructor();
  addEventListener<E extends Event = Event>(type: string, listener: EventListener<E> | null, options?: AddEventListenerOptions | boolean): void;
  removeEventListener<E extends Event = Event>(type: string, listener: EventListener<E> | null, options?: EventListenerOptions | boolean): void;
  dispatchEvent(event: Event): boolean;
}

declare class CustomEvent<T = any> extends Event {
  constructor(type: string, init?: EventInit & { detail?: T });
  readonly detail: T;
  initCustomEvent(type: string, bubbles?: boolean, cancelable?: boolean, detail?: T): void;
}

declare class CloseEvent extends Event {
  constructor(type: string, init?: EventInit & { code?: number; reason?: string; wasClean?: boolean });
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

declare class ErrorEvent extends Event {
  constructor(type: string, init?: EventInit & { colno?: number; error?: any; filename?: string; lineno?: number; message?: string });
  readonly colno: number;
  readonly error: any;
  readonly filename: string;
  readonly lineno: number;
  readonly message: string;
}

interface MessageEventInit<T = any> extends EventInit {
  data?: T;
  lastEventId?: string;
  origin?: string;
  ports?: MessagePort[];
  source?: MessagePort | null;
}

declare class MessageEvent<T = any> extends Event {
  constructor(type: string, init?: MessageEventInit<T>);
  readonly data: T;
  readonly lastEventId: string;
  readonly origin: string;
  readonly ports: readonly MessagePort[];
  readonly source: MessagePort | null;
  initMessageEvent(type: string, bubbles?: boolean, cancelable?: boolean, data?: T, origin?: string, lastEventId?: string, source?: MessagePort | null, ports?: MessagePort[]): void;
}

declare class PromiseRejectionEvent extends Event {
  constructor(type: string, init: EventInit & { promise: Promise<any>; reason?: any });
  readonly promise: Promise<any>;
  readonly reason: any;
}

declare class AbortController {
  constructor();
  readonly signal: AbortSignal;
  abort(reason?: any): void;
}

declare class AbortSignal extends EventTarget {
  private constructor();
  static abort(reason?: any): AbortSignal;
  static any(signals: Iterable<AbortSignal>): AbortSignal;
  static timeout(milliseconds: number): AbortSignal;
  readonly aborted: boolean;
  readonly reason: any;
  onabort: ((event: Event) => unknown) | null;
  throwIfAborted(): void;
}

// Errors: https://webidl.spec.whatwg.org/#idl-DOMException

declare class DOMException extends Error {
  constructor(message?: string, name?: string);
  readonly name: string;
  readonly message: string;
  readonly code: number;
}

declare class QuotaExceededError extends DOMException {
  constructor(message?: string, options?: { quota?: number; requested?: number });
  readonly quota: number | null;
  readonly requested: number | null;
}

// Streams: https://streams.spec.whatwg.org/

interface QueuingStrategy<T = any> {
  highWaterMark?: number;
  size?: (chunk: T) => number;
}

declare class ByteLengthQueuingStrategy implements QueuingStrategy<ArrayBufferView> {
  constructor(init: { highWaterMark: number });
  readonly highWaterMark: number;
  readonly size: (chunk: ArrayBufferView) => number;
}

declare class CountQueuingStrategy implements QueuingStrategy {
  constructor(init: { highWaterMark: number });
  readonly highWaterMark: number;
  readonly size: () => number;
}

interface UnderlyingSource<R = any> {
  type?: undefined;
  start?(controller: ReadableStreamDefaultController<R>): unknown;
  pull?(controller: ReadableStreamDefaultController<R>): unknown;
  cancel?(reason?: any): unknown;
}

interface UnderlyingByteSource {
  type: "bytes";
  autoAllocateChunkSize?: number;
  start?(controller: ReadableByteStreamController): unknown;
  pull?(controller: ReadableByteStreamController): unknown;
  cancel?(reason?: any): unknown;
}

interface StreamPipeOptions {
  preventAbort?: boolean;
  preventCancel?: boolean;
  preventClose?: boolean;
  signal?: AbortSignal;
}

type ReadableStreamReadResult<T> = { done: false; value: T } | { done: true; value: T | undefined };

declare class ReadableStream<R = any> {
  constructor(source: UnderlyingByteSource, strategy?: { highWaterMark?: number });
  constructor(source?: UnderlyingSource<R>, strategy?: QueuingStrategy<R>);
  static from<T>(iterable: AsyncIterable<T> | Iterable<T | PromiseLike<T>>): ReadableStream<T>;
  readonly locked: boolean;
  cancel(reason?: any): Promise<void>;
  getReader(options: { mode: "byob" }): ReadableStreamBYOBReader;
  getReader(options?: { mode?: undefined }): ReadableStreamDefaultReader<R>;
  pipeThrough<T>(transform: { readable: ReadableStream<T>; writable: WritableStream<R> }, options?: StreamPipeOptions): ReadableStream<T>;
  pipeTo(destination: WritableStream<R>, options?: StreamPipeOptions): Promise<void>;
  tee(): [ReadableStream<R>, ReadableStream<R>];
  values(options?: { preventCancel?: boolean }): AsyncIterableIterator<R>;
  [Symbol.asyncIterator](options?: { preventCancel?: boolean }): AsyncIterableIterator<R>;
}

declare class ReadableStreamDefaultReader<R = any> {
  constructor(stream: ReadableStream<R>);
  readonly closed: Promise<void>;
  cancel(reason?: any): Promise<void>;
  read(): Promise<ReadableStreamReadResult<R>>;
  releaseLock(): void;
}

declare class ReadableStreamBYOBReader {
  constructor(stream: ReadableStream);
  readonly closed: Promise<void>;
  cancel(reason?: any): Promise<void>;
  read<T extends ArrayBufferView>(view: T, options?: { min?: number }): Promise<ReadableStreamReadResult<T>>;
  /** Of Workers: reads until there are that many elements. */
  readAtLeast<T extends ArrayBufferView>(minElements: number, view: T): Promise<{ done: boolean; value: T | undefined }>;
  releaseLock(): void;
}

declare class ReadableStreamBYOBRequest {
  private constructor();
  readonly view: ArrayBufferView | null;
  respond(bytesWritten: number): void;
  respondWithNewView(view: ArrayBufferView): void;
}

declare class ReadableStreamDefaultController<R = any> {
  private constructor();
  readonly desiredSize: number | null;
  close(): void;
  enqueue(chunk?: R): void;
  error(reason?: any): void;
}

declare class ReadableByteStreamController {
  private constructor();
  readonly byobRequest: ReadableStreamBYOBRequest | null;
  readonly desiredSize: number | null;
  close(): void;
  enqueue(chunk: ArrayBufferView): void;
  error(reason?: any): void;
}

interface UnderlyingSink<W = any> {
  start?(controller: WritableStreamDefaultController): unknown;
  write?(chunk: W, controller: WritableStreamDefaultController): unknown;
  close?(): unknown;
  abort?(reason?: any): unknown;
}

declare class WritableStream<W = any> {
  constructor(sink?: UnderlyingSink<W>, strategy?: QueuingStrategy<W>);
  readonly locked: boolean;
  abort(reason?: any): Promise<void>;
  close(): Promise<void>;
  getWriter(): WritableStreamDefaultWriter<W>;
}

declare class WritableStreamDefaultWriter<W = any> {
  constructor(stream: WritableStream<W>);
  readonly closed: Promise<void>;
  readonly desiredSize: number | null;
  readonly ready: Promise<void>;
  abort(reason?: any): Promise<void>;
  close(): Promise<void>;
  releaseLock(): void;
  write(chunk?: W): Promise<void>;
}

declare class WritableStreamDefaultController {
  private constructor();
  readonly signal: AbortSignal;
  error(reason?: any): void;
}

interface Transformer<I = any, O = any> {
  start?(controller: TransformStreamDefaultController<O>): unknown;
  transform?(chunk: I, controller: TransformStreamDefaultController<O>): unknown;
  flush?(controller: TransformStreamDefaultController<O>): unknown;
  cancel?(reason?: any): unknown;
}

declare class TransformStream<I = any, O = any> {
  constructor(transformer?: Transformer<I, O>, writableStrategy?: QueuingStrategy<I>, readableStrategy?: QueuingStrategy<O>);
  readonly readable: ReadableStream<O>;
  readonly writable: WritableStream<I>;
}

declare class TransformStreamDefaultController<O = any> {
  private constructor();
  readonly desiredSize: number | null;
  enqueue(chunk?: O): void;
  error(reason?: any): void;
  terminate(): void;
}

/** Bytes from one end to the other, nothing kept between. Of Workers. */
declare class IdentityTransformStream extends TransformStream<BufferSource | string, Uint8Array> {
  constructor(strategy?: { highWaterMark?: number });
}

/** The same of a length known before, which becomes the response's `content-length`. Of Workers. */
declare class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: number | bigint, strategy?: { highWaterMark?: number });
}

type CompressionFormat = "brotli" | "deflate" | "deflate-raw" | "gzip";

declare class CompressionStream {
  constructor(format: CompressionFormat);
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<BufferSource>;
}

declare class DecompressionStream {
  constructor(format: CompressionFormat);
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<BufferSource>;
}

// Text: https://encoding.spec.whatwg.org/

interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

declare class TextDecoder {
  constructor(label?: string, options?: TextDecoderOptions);
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(input?: BufferSource, options?: { stream?: boolean }): string;
}

declare class TextEncoder {
  constructor();
  readonly encoding: string;
  encode(input?: string): Uint8Array<ArrayBuffer>;
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number };
}

declare class TextDecoderStream {
  constructor(label?: string, options?: TextDecoderOptions);
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  readonly readable: ReadableStream<string>;
  readonly writable: WritableStream<BufferSource>;
}

declare class TextEncoderStream {
  constructor();
  readonly encoding: string;
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<string>;
}

declare function atob(data: string): string;
declare function btoa(data: string): string;

// URLs: https://url.spec.whatwg.org/ and https://urlpattern.spec.whatwg.org/

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static canParse(url: string | URL, base?: string | URL): boolean;
  static createObjectURL(blob: Blob): string;
  static parse(url: string | URL, base?: string | URL): URL | null;
  static revokeObjectURL(url: string): void;
  hash: string;
  host: string;
  hostname: string;
  href: string;
  readonly origin: string;
  password: string;
  pathname: string;
  port: string;
  protocol: string;
  search: string;
  readonly searchParams: URLSearchParams;
  username: string;
  toJSON(): string;
  toString(): string;
}

declare class URLSearchParams {
  constructor(init?: string | Iterable<[string, string]> | string[][] | Record<string, string>);
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  entries(): IterableIterator<[string, string]>;
  forEach(callback: (value: string, key: string, params: URLSearchParams) => void, thisArg?: any): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  keys(): IterableIterator<string>;
  set(name: string, value: string): void;
  sort(): void;
  toString(): string;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

interface URLPatternInit {
  baseURL?: string;
  hash?: string;
  hostname?: string;
  password?: string;
  pathname?: string;
  port?: string;
  protocol?: string;
  search?: string;
  username?: string;
}

interface URLPatternComponentResult {
  groups: Record<string, string | undefined>;
  input: string;
}

interface URLPatternResult extends Record<Exclude<keyof URLPatternInit, "baseURL">, URLPatternComponentResult> {
  inputs: (string | URLPatternInit)[];
}

declare class URLPattern {
  constructor(input?: string | URLPatternInit, options?: { ignoreCase?: boolean });
  constructor(input: string | URLPatternInit, baseURL: string, options?: { ignoreCase?: boolean });
  readonly hasRegExpGroups: boolean;
  readonly hash: string;
  readonly hostname: string;
  readonly password: string;
  readonly pathname: string;
  readonly port: string;
  readonly protocol: string;
  readonly search: string;
  readonly username: string;
  exec(input?: string | URL | URLPatternInit, baseURL?: string): URLPatternResult | null;
  test(input?: string | URL | URLPatternInit, baseURL?: string): boolean;
}

// Files: https://w3c.github.io/FileAPI/

interface BlobPropertyBag {
  endings?: "native" | "transparent";
  type?: string;
}

declare class Blob {
  constructor(parts?: Iterable<BufferSource | Blob | string>, options?: BlobPropertyBag);
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  slice(start?: number, end?: number, contentType?: string): Blob;
  stream(): ReadableStream<Uint8Array>;
  text(): Promise<string>;
  textStream(): ReadableStream<string>;
}

declare class File extends Blob {
  constructor(parts: Iterable<BufferSource | Blob | string>, name: string, options?: BlobPropertyBag & { lastModified?: number });
  readonly lastModified: number;
  readonly name: string;
}

// Fetch: https://fetch.spec.whatwg.org/

declare class Headers {
  constructor(init?: HeadersInit);
  append(name: string, value: string): void;
  delete(name: string): void;
  entries(): IterableIterator<[string, string]>;
  forEach(callback: (value: string, key: string, headers: Headers) => void, thisArg?: any): void;
  get(name: string): string | null;
  /** Of Workers, for `Set-Cookie` only. */
  getAll(name: string): string[];
  getSetCookie(): string[];
  has(name: string): boolean;
  keys(): IterableIterator<string>;
  set(name: string, value: string): void;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

interface Body {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  formData(): Promise<FormData>;
  json<T = any>(): Promise<T>;
  text(): Promise<string>;
  textStream(): ReadableStream<string>;
}

interface RequestInit {
  body?: BodyInit | null;
  cache?: string;
  cf?: any;
  credentials?: "include" | "omit" | "same-origin";
  duplex?: "half";
  headers?: HeadersInit;
  integrity?: string;
  keepalive?: boolean;
  method?: string;
  mode?: "cors" | "no-cors" | "same-origin";
  priority?: "auto" | "high" | "low";
  redirect?: "error" | "follow" | "manual";
  referrer?: string;
  referrerPolicy?: string;
  signal?: AbortSignal | null;
  window?: null;
}

declare class Request {
  constructor(input: RequestInfo, init?: RequestInit);
  readonly cache: string;
  readonly credentials: string;
  /** What the host knows of the client and the connection. Of Workers. */
  readonly cf: any;
  readonly destination: string;
  readonly duplex: "half";
  readonly headers: Headers;
  readonly integrity: string;
  readonly isHistoryNavigation: boolean;
  readonly isReloadNavigation: boolean;
  readonly keepalive: boolean;
  readonly method: string;
  readonly mode: string;
  readonly redirect: string;
  readonly referrer: string;
  readonly referrerPolicy: string;
  readonly signal: AbortSignal;
  readonly url: string;
  clone(): Request;
}
interface Request extends Body {}

interface ResponseInit {
  headers?: HeadersInit;
  status?: number;
  statusText?: string;
  /** The end that the client gets; with status 101 only. Of Workers. */
  webSocket?: WebSocket | null;
  /** What a script wants to keep with the response. Of Workers. */
  cf?: any;
  /** A body goes as it is, whatever `content-encoding` says. Of Workers. */
  encodeBody?: "automatic" | "manual";
}

declare class Response {
  constructor(body?: BodyInit | null, init?: ResponseInit);
  static error(): Response;
  static json(data: any, init?: ResponseInit): Response;
  static redirect(url: string | URL, status?: number): Response;
  readonly headers: Headers;
  readonly ok: boolean;
  readonly redirected: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly type: string;
  readonly url: string;
  readonly webSocket: WebSocket | null;
  readonly cf: any;
  clone(): Response;
}
interface Response extends Body {}

declare class FormData {
  constructor();
  append(name: string, value: string): void;
  append(name: string, value: Blob, filename?: string): void;
  delete(name: string): void;
  entries(): IterableIterator<[string, File | string]>;
  forEach(callback: (value: File | string, key: string, form: FormData) => void, thisArg?: any): void;
  get(name: string): File | string | null;
  getAll(name: string): (File | string)[];
  has(name: string): boolean;
  keys(): IterableIterator<string>;
  set(name: string, value: string): void;
  set(name: string, value: Blob, filename?: string): void;
  values(): IterableIterator<File | string>;
  [Symbol.iterator](): IterableIterator<[string, File | string]>;
}

declare function fetch(input: RequestInfo, init?: RequestInit): Promise<Response>;

// Caches, of Workers: https://developers.cloudflare.com/workers/runtime-apis/cache/

declare class Cache {
  private constructor();
  delete(request: RequestInfo, options?: { ignoreMethod?: boolean }): Promise<boolean>;
  match(request: RequestInfo, options?: { ignoreMethod?: boolean }): Promise<Response | undefined>;
  put(request: RequestInfo, response: Response): Promise<void>;
}

declare class CacheStorage {
  private constructor();
  readonly default: Cache;
  open(name: string): Promise<Cache>;
}

declare const caches: CacheStorage;

// WebSockets: https://websockets.spec.whatwg.org/; `accept` and pairs are Workers'.

declare class WebSocket extends EventTarget {
  constructor(url: string | URL, protocols?: string | Iterable<string> | { protocols?: string | Iterable<string> });
  static readonly CONNECTING: 0;
  static readonly OPEN: 1;
  static readonly CLOSING: 2;
  static readonly CLOSED: 3;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  binaryType: "arraybuffer" | "blob";
  readonly bufferedAmount: number;
  readonly extensions: string;
  onclose: ((event: CloseEvent) => unknown) | null;
  onerror: ((event: Event) => unknown) | null;
  onmessage: ((event: MessageEvent) => unknown) | null;
  onopen: ((event: Event) => unknown) | null;
  readonly protocol: string;
  readonly readyState: number;
  readonly url: string;
  accept(options?: { allowHalfOpen?: boolean }): void;
  close(code?: number, reason?: string): void;
  deserializeAttachment(): any;
  serializeAttachment(value: any): void;
  send(data: BufferSource | Blob | string): void;
}

declare class WebSocketPair {
  constructor();
  0: WebSocket;
  1: WebSocket;
}

// Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html; `fetcher` and `from` are Workers'.

declare class EventSource extends EventTarget {
  constructor(url: string | URL, init?: { fetcher?: { fetch(input: RequestInfo, init?: RequestInit): Promise<Response> }; withCredentials?: false });
  static readonly CONNECTING: 0;
  static readonly OPEN: 1;
  static readonly CLOSED: 2;
  static from(stream: ReadableStream): EventSource;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSED: 2;
  onerror: ((event: Event) => unknown) | null;
  onmessage: ((event: MessageEvent) => unknown) | null;
  onopen: ((event: Event) => unknown) | null;
  readonly readyState: number;
  readonly url: string;
  readonly withCredentials: boolean;
  close(): void;
}

// Cryptography: https://w3c.github.io/webcrypto/; algorithms are listed in docs/api.md.

type AlgorithmIdentifier = string | { name: string; [parameter: string]: any };
type KeyUsage =
  | "decapsulateBits" | "decapsulateKey" | "decrypt" | "deriveBits" | "deriveKey" | "encapsulateBits" | "encapsulateKey" | "encrypt"
  | "sign" | "unwrapKey" | "verify" | "wrapKey";
type KeyFormat = "jwk" | "pkcs8" | "raw" | "raw-public" | "raw-secret" | "raw-seed" | "spki";

interface CryptoKeyPair {
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

interface JsonWebKey {
  kty?: string;
  [member: string]: any;
}

declare class CryptoKey {
  private constructor();
  readonly algorithm: { name: string; [parameter: string]: any };
  readonly extractable: boolean;
  readonly type: "private" | "public" | "secret";
  readonly usages: KeyUsage[];
}

declare class SubtleCrypto {
  private constructor();
  /** Whether an operation knows an algorithm; of deriveKey and the like, with which other or which length. */
  static supports(operation: string, algorithm: AlgorithmIdentifier, lengthOrAlgorithm?: number | null | AlgorithmIdentifier): boolean;
  decapsulateBits(algorithm: AlgorithmIdentifier, key: CryptoKey, ciphertext: BufferSource): Promise<ArrayBuffer>;
  decapsulateKey(algorithm: AlgorithmIdentifier, key: CryptoKey, ciphertext: BufferSource, shared: AlgorithmIdentifier, extractable: boolean, usages: KeyUsage[]): Promise<CryptoKey>;
  decrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  deriveBits(algorithm: AlgorithmIdentifier, baseKey: CryptoKey, length?: number | null): Promise<ArrayBuffer>;
  deriveKey(algorithm: AlgorithmIdentifier, baseKey: CryptoKey, derived: AlgorithmIdentifier, extractable: boolean, usages: KeyUsage[]): Promise<CryptoKey>;
  digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer>;
  encapsulateBits(algorithm: AlgorithmIdentifier, key: CryptoKey): Promise<{ ciphertext: ArrayBuffer; sharedKey: ArrayBuffer }>;
  encapsulateKey(algorithm: AlgorithmIdentifier, key: CryptoKey, shared: AlgorithmIdentifier, extractable: boolean, usages: KeyUsage[]): Promise<{ ciphertext: ArrayBuffer; sharedKey: CryptoKey }>;
  encrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  exportKey(format: "jwk", key: CryptoKey): Promise<JsonWebKey>;
  exportKey(format: KeyFormat, key: CryptoKey): Promise<ArrayBuffer | JsonWebKey>;
  generateKey(algorithm: AlgorithmIdentifier, extractable: boolean, usages: KeyUsage[]): Promise<CryptoKey | CryptoKeyPair>;
  getPublicKey(key: CryptoKey, usages: KeyUsage[]): Promise<CryptoKey>;
  importKey(format: KeyFormat, key: BufferSource | JsonWebKey, algorithm: AlgorithmIdentifier, extractable: boolean, usages: KeyUsage[]): Promise<CryptoKey>;
  sign(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  /** Of Workers. */
  timingSafeEqual(left: BufferSource, right: BufferSource): boolean;
  unwrapKey(format: KeyFormat, key: BufferSource, unwrapping: CryptoKey, algorithm: AlgorithmIdentifier, unwrapped: AlgorithmIdentifier, extractable: boolean, usages: KeyUsage[]): Promise<CryptoKey>;
  verify(algorithm: AlgorithmIdentifier, key: CryptoKey, signature: BufferSource, data: BufferSource): Promise<boolean>;
  wrapKey(format: KeyFormat, key: CryptoKey, wrapping: CryptoKey, algorithm: AlgorithmIdentifier): Promise<ArrayBuffer>;
}

/** A hash that is written to. Of Workers. */
interface DigestStream extends WritableStream<BufferSource | string> {
  readonly bytesWritten: bigint;
  readonly digest: Promise<ArrayBuffer>;
}

declare class Crypto {
  private constructor();
  readonly DigestStream: { new (algorithm: AlgorithmIdentifier): DigestStream };
  readonly subtle: SubtleCrypto;
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): string;
}

declare const crypto: Crypto;

// Messages and clones: https://html.spec.whatwg.org/multipage/web-messaging.html#message-channels

interface StructuredSerializeOptions {
  transfer?: any[];
}

declare class MessageChannel {
  constructor();
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}

declare class MessagePort extends EventTarget {
  private constructor();
  onclose: ((event: Event) => unknown) | null;
  onmessage: ((event: MessageEvent) => unknown) | null;
  onmessageerror: ((event: MessageEvent) => unknown) | null;
  close(): void;
  postMessage(message: any, options?: StructuredSerializeOptions | any[]): void;
  start(): void;
}

declare function structuredClone<T>(value: T, options?: StructuredSerializeOptions): T;

// Time: https://html.spec.whatwg.org/#timers, https://w3c.github.io/performance-timeline/, https://w3c.github.io/user-timing/

declare function setTimeout(callback: (...args: any[]) => unknown, timeout?: number, ...args: any[]): number;
declare function setInterval(callback: (...args: any[]) => unknown, timeout?: number, ...args: any[]): number;
declare function clearTimeout(id?: number | null): void;
declare function clearInterval(id?: number | null): void;
declare function queueMicrotask(callback: () => void): void;
declare function reportError(error: any): void;

declare const origin: string;

/** Of Workers. */
declare const scheduler: {
  wait(milliseconds: number, options?: { signal?: AbortSignal }): Promise<void>;
};

declare class PerformanceEntry {
  protected constructor();
  readonly duration: number;
  readonly entryType: string;
  readonly name: string;
  readonly startTime: number;
  toJSON(): any;
}

interface PerformanceMarkOptions {
  detail?: any;
  startTime?: number;
}

declare class PerformanceMark extends PerformanceEntry {
  constructor(name: string, options?: PerformanceMarkOptions);
  readonly detail: any;
}

declare class PerformanceMeasure extends PerformanceEntry {
  private constructor();
  readonly detail: any;
}

declare class PerformanceObserverEntryList {
  private constructor();
  getEntries(): PerformanceEntry[];
  getEntriesByName(name: string, type?: string): PerformanceEntry[];
  getEntriesByType(type: string): PerformanceEntry[];
}

declare class PerformanceObserver {
  constructor(callback: (entries: PerformanceObserverEntryList, observer: PerformanceObserver) => void);
  static readonly supportedEntryTypes: readonly string[];
  disconnect(): void;
  observe(options: { buffered?: boolean; entryTypes?: string[]; type?: string }): void;
  takeRecords(): PerformanceEntry[];
}

declare class Performance extends EventTarget {
  private constructor();
  readonly timeOrigin: number;
  clearMarks(name?: string): void;
  clearMeasures(name?: string): void;
  clearResourceTimings(): void;
  getEntries(): PerformanceEntry[];
  getEntriesByName(name: string, type?: string): PerformanceEntry[];
  getEntriesByType(type: string): PerformanceEntry[];
  mark(name: string, options?: PerformanceMarkOptions): PerformanceMark;
  measure(name: string, startOrOptions?: string | { detail?: any; duration?: number; end?: number | string; start?: number | string }, end?: string): PerformanceMeasure;
  now(): number;
  setResourceTimingBufferSize(size: number): void;
  toJSON(): any;
}

declare const performance: Performance;

// The console: https://console.spec.whatwg.org/, written to the request's log as Node.js prints

declare const console: Record<
  "debug" | "dir" | "dirxml" | "error" | "group" | "groupCollapsed" | "info" | "log" | "table" | "timeLog" | "trace" | "warn",
  (...values: any[]) => void
> & {
  assert(condition?: any, ...values: any[]): void;
  clear(): void;
  count(label?: string): void;
  countReset(label?: string): void;
  groupEnd(): void;
  time(label?: string): void;
  timeEnd(label?: string): void;
};

// HTMLRewriter, of Workers: https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/

type HTMLContent = string | ReadableStream | Response;

interface HTMLContentOptions {
  html?: boolean;
}

interface HTMLUnit {
  readonly removed: boolean;
  after(content: HTMLContent, options?: HTMLContentOptions): this;
  before(content: HTMLContent, options?: HTMLContentOptions): this;
  remove(): this;
  replace(content: HTMLContent, options?: HTMLContentOptions): this;
}

interface HTMLElementUnit extends HTMLUnit {
  readonly attributes: IterableIterator<[string, string]>;
  readonly namespaceURI: string;
  tagName: string;
  append(content: HTMLContent, options?: HTMLContentOptions): this;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  onEndTag(handler: (tag: { name: string } & Pick<HTMLUnit, "after" | "before" | "remove">) => unknown): void;
  prepend(content: HTMLContent, options?: HTMLContentOptions): this;
  removeAndKeepContent(): this;
  removeAttribute(name: string): this;
  setAttribute(name: string, value: string): this;
  setInnerContent(content: HTMLContent, options?: HTMLContentOptions): this;
}

interface HTMLTextUnit extends HTMLUnit {
  readonly lastInTextNode: boolean;
  readonly text: string;
}

interface HTMLCommentUnit extends HTMLUnit {
  text: string;
}

interface HTMLRewriterElementHandlers {
  comments?(comment: HTMLCommentUnit): unknown;
  element?(element: HTMLElementUnit): unknown;
  text?(text: HTMLTextUnit): unknown;
}

interface HTMLRewriterDocumentHandlers {
  comments?(comment: HTMLCommentUnit): unknown;
  doctype?(doctype: { readonly name: string | null; readonly publicId: string | null; readonly systemId: string | null }): unknown;
  end?(end: { append(content: HTMLContent, options?: HTMLContentOptions): unknown }): unknown;
  text?(text: HTMLTextUnit): unknown;
}

declare class HTMLRewriter {
  constructor();
  on(selector: string, handlers: HTMLRewriterElementHandlers): this;
  onDocument(handlers: HTMLRewriterDocumentHandlers): this;
  transform(response: Response): Response;
}

// The global scope: https://html.spec.whatwg.org/multipage/workers.html#workerglobalscope and, for scripts that are no modules,
// https://w3c.github.io/ServiceWorker/#serviceworkerglobalscope

declare class ExtendableEvent extends Event {
  constructor(type: string, init?: EventInit);
  waitUntil(promise: Promise<unknown>): void;
}

declare class FetchEvent extends ExtendableEvent {
  constructor(type: string, init: EventInit & { request: Request });
  readonly request: Request;
  passThroughOnException(): void;
  respondWith(response: Response | PromiseLike<Response>): void;
}

declare class ScheduledEvent extends ExtendableEvent {
  constructor(type: string, init?: EventInit);
  readonly cron: string;
  readonly scheduledTime: number;
  noRetry(): void;
}

declare class Navigator {
  private constructor();
  readonly hardwareConcurrency: number;
  readonly language: string;
  readonly languages: readonly string[];
  readonly platform: string;
  readonly userAgent: string;
}

declare const navigator: Navigator;

declare const Cloudflare: { readonly compatibilityFlags: Readonly<Record<string, boolean>> };

declare class WorkerGlobalScope extends EventTarget {
  protected constructor();
  onerror: ((message: string, filename: string, lineno: number, colno: number, error: any) => unknown) | null;
  onrejectionhandled: ((event: PromiseRejectionEvent) => unknown) | null;
  onunhandledrejection: ((event: PromiseRejectionEvent) => unknown) | null;
}

declare class ServiceWorkerGlobalScope extends WorkerGlobalScope {
  private constructor();
}

declare const self: typeof globalThis & ServiceWorkerGlobalScope;

declare function addEventListener(type: "fetch", listener: EventListener<FetchEvent>, options?: AddEventListenerOptions | boolean): void;
declare function addEventListener(type: "scheduled", listener: EventListener<ScheduledEvent>, options?: AddEventListenerOptions | boolean): void;
declare function addEventListener(type: "error", listener: EventListener<ErrorEvent>, options?: AddEventListenerOptions | boolean): void;
declare function addEventListener(
  type: "rejectionhandled" | "unhandledrejection",
  listener: EventListener<PromiseRejectionEvent>,
  options?: AddEventListenerOptions | boolean,
): void;
declare function addEventListener<E extends Event = Event>(type: string, listener: EventListener<E> | null, options?: AddEventListenerOptions | boolean): void;
declare function removeEventListener<E extends Event = Event>(type: string, listener: EventListener<E> | null, options?: EventListenerOptions | boolean): void;
declare function dispatchEvent(event: Event): boolean;

// WebAssembly: https://webassembly.github.io/spec/js-api/, with modules of the upload; bytes are not compiled.

declare namespace WebAssembly {
  type Imports = Record<string, Record<string, any>>;
  type Exports = Record<string, any>;
  type ValueType = "anyfunc" | "externref" | "f32" | "f64" | "i32" | "i64" | "v128";

  class Module {
    private constructor();
    static customSections(module: Module, name: string): ArrayBuffer[];
    static exports(module: Module): { kind: string; name: string }[];
    static imports(module: Module): { kind: string; module: string; name: string }[];
  }

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  class Table {
    constructor(descriptor: { element: "anyfunc" | "externref"; initial: number; maximum?: number }, value?: any);
    readonly length: number;
    get(index: number): any;
    grow(by: number, value?: any): number;
    set(index: number, value?: any): void;
  }

  class Global<T = any> {
    constructor(descriptor: { mutable?: boolean; value: ValueType }, value?: T);
    value: T;
    valueOf(): T;
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
  function validate(bytes: BufferSource): boolean;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

// Handlers and bindings, of Workers: https://developers.cloudflare.com/workers/runtime-apis/handlers/

interface ExecutionContext<Props = any> {
  /** Bindings to the script's own entrypoints; called with `{ props }`, each gives one with those. */
  readonly exports: any;
  readonly props: Props;
  passThroughOnException(): void;
  waitUntil(promise: Promise<unknown>): void;
}

interface ScheduledController {
  readonly cron: string;
  readonly scheduledTime: number;
  noRetry(): void;
}

interface ExportedHandler<Env = any> {
  fetch?(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response>;
  scheduled?(controller: ScheduledController, env: Env, ctx: ExecutionContext): unknown;
}

interface KVNamespaceListKey<Metadata> {
  expiration?: number;
  metadata?: Metadata;
  name: string;
}

interface KVNamespacePutOptions {
  expiration?: number;
  expirationTtl?: number;
  metadata?: any;
}

type KVType<T> = { arrayBuffer: ArrayBuffer; json: T; stream: ReadableStream<Uint8Array>; text: string };

interface KVNamespace {
  delete(key: string): Promise<void>;
  get(key: string, options?: { cacheTtl?: number; type?: undefined }): Promise<string | null>;
  get<T = any, K extends keyof KVType<T> = "json">(key: string, type: K | { cacheTtl?: number; type: K }): Promise<KVType<T>[K] | null>;
  get<T = any, K extends "json" | "text" = "text">(keys: string[], type?: K | { cacheTtl?: number; type?: K }): Promise<Map<string, KVType<T>[K] | null>>;
  getWithMetadata<Metadata = any>(
    key: string,
    options?: { cacheTtl?: number; type?: undefined },
  ): Promise<{ cacheStatus: string | null; metadata: Metadata | null; value: string | null }>;
  getWithMetadata<T = any, Metadata = any, K extends keyof KVType<T> = "json">(
    key: string,
    type: K | { cacheTtl?: number; type: K },
  ): Promise<{ cacheStatus: string | null; metadata: Metadata | null; value: KVType<T>[K] | null }>;
  list<Metadata = any>(options?: { cursor?: string | null; limit?: number; prefix?: string | null }): Promise<
    | { cacheStatus: string | null; keys: KVNamespaceListKey<Metadata>[]; list_complete: true }
    | { cacheStatus: string | null; cursor: string; keys: KVNamespaceListKey<Metadata>[]; list_complete: false }
  >;
  put(key: string, value: ArrayBuffer | ArrayBufferView | ReadableStream | string, options?: KVNamespacePutOptions): Promise<void>;
}

/** A service binding, or the binding of static assets; methods of an entrypoint besides, and `RpcStub`s of what they give. */
interface Fetcher {
  fetch(input: RequestInfo, init?: RequestInit): Promise<Response>;
}

interface RateLimit {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

interface WorkerVersionMetadata {
  id: string;
  tag: string;
  timestamp: string;
}

declare module "cloudflare:workers" {
  export abstract class WorkerEntrypoint<Env = any, Props = any> {
    constructor(ctx: ExecutionContext<Props>, env: Env);
    protected ctx: ExecutionContext<Props>;
    protected env: Env;
  }
  /** What crosses to another script as a stub: the methods and getters of its class can be used there. */
  export abstract class RpcTarget {}
  /** What stands in a script for a function or an `RpcTarget` of another; its members are asked for over there. */
  export class RpcStub<T = any> {
    constructor(target: T);
    dup(): any;
    [Symbol.dispose](): void;
    [member: string]: any;
  }
  /** A result on its way: its members can be used before it is there. */
  export abstract class RpcPromise {}
  export abstract class RpcProperty {}
  /** What service bindings are. */
  export abstract class ServiceStub {}
  export const env: any;
  /** `ctx.exports`. */
  export const exports: any;
  export function waitUntil(promise: Promise<unknown>): void;
}
