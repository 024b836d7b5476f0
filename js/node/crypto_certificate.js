// crypto.X509Certificate and crypto.Certificate: https://nodejs.org/api/crypto.html#class-x509certificate
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeJoin,
    ArrayPrototypePush,
    Date,
    ObjectPrototypeIsPrototypeOf,
    RegExpPrototypeExec,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeToLowerCase,
    StringPrototypeToUpperCase,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeSlice,
    TypedArrayPrototypeSubarray,
    Uint8Array,
  } = primordials;
  const { loadExtScript } = core;
  const { SEQUENCE, children, derOf, element, hex, oidOf, pem } = loadExtScript("ext:eyot_node/der.js");
  const { DOCUMENT_BYTES_MAX, SIGNATURES, accessOf, attributesOf, certificateOf, fingerprint, generalName, isAuthority,
    isSignedBy, latin1, mayHaveIssued, nameObject, nameText, namesOf, purposesOf } = loadExtScript("ext:eyot_node/certificate_reading.js");
  const { checkEmail, checkHost, checkIP } = loadExtScript("ext:eyot_node/certificate_names.js");
  const { bytes } = loadExtScript("ext:eyot_node/crypto_keys.js");
  const ops = loadExtScript("ext:eyot_node/crypto_ops.js");
  const { KeyObject, PublicKeyObject, getArrayBufferOrView } = loadExtScript("ext:eyot_node/deno/internal/crypto/keys.js");
  const { kHandle } = loadExtScript("ext:eyot_node/deno/internal/crypto/constants.js");
  const { Buffer } = loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  const { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } = loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { isAnyArrayBuffer, isArrayBufferView } = loadExtScript("ext:eyot_node/deno/internal/util/types.js");
  const { inspect } = loadExtScript("ext:eyot_node/deno/util.js");
  const { customInspectSymbol } = loadExtScript("ext:eyot_node/deno/internal/util.js");

  const CURVES = { __proto__: null, prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

  const CURVE_BITS = { __proto__: null, prime256v1: 256, secp384r1: 384, secp521r1: 521 };

  class X509Certificate {
    #certificate;
    #key;

    constructor(buffer) {
      if (typeof buffer === "string") buffer = Buffer.from(buffer);
      if (!isArrayBufferView(buffer) && !isAnyArrayBuffer(buffer)) {
        throw new ERR_INVALID_ARG_TYPE("buffer", ["string", "Buffer", "TypedArray", "DataView"], buffer);
      }
      this.#certificate = certificateOf(bytes(buffer));
    }

    [customInspectSymbol](depth, options) {
      if (depth < 0) return this;
      const shown = {};
      for (let i = 0; i < SHOWN.length; i++) shown[SHOWN[i]] = this[SHOWN[i]];
      return `X509Certificate ${inspect(shown, { ...options, depth: options.depth == null ? null : options.depth - 1 })}`;
    }

    get subject() {
      return nameText(attributesOf(this.#certificate.subject)) || undefined;
    }

    get subjectAltName() {
      const names = namesOf(this.#certificate);
      if (names === null) return undefined;
      let text = "";
      for (let i = 0; i < names.length; i++) text += (i === 0 ? "" : ", ") + generalName(names[i]);
      return text;
    }

    get issuer() {
      return nameText(attributesOf(this.#certificate.issuer)) || undefined;
    }

    get issuerCertificate() {
      void this.#certificate;
      return undefined;
    }

    get infoAccess() {
      const list = accessOf(this.#certificate);
      return list === null ? undefined : ArrayPrototypeJoin(list, "\n");
    }

    get validFrom() {
      return this.#certificate.validFrom;
    }

    get validTo() {
      return this.#certificate.validTo;
    }

    get validFromDate() {
      return new Date(this.#certificate.validFrom);
    }

    get validToDate() {
      return new Date(this.#certificate.validTo);
    }

    get fingerprint() {
      return fingerprint(this.#certificate, "sha1");
    }

    get fingerprint256() {
      return fingerprint(this.#certificate, "sha256");
    }

    get fingerprint512() {
      return fingerprint(this.#certificate, "sha512");
    }

    get keyUsage() {
      return purposesOf(this.#certificate);
    }

    get serialNumber() {
      const { serial } = this.#certificate;
      let at = 0;
      while (at < serial.length - 1 && serial[at] === 0) at++;
      return StringPrototypeToUpperCase(hex(TypedArrayPrototypeSubarray(serial, at)));
    }

    get signatureAlgorithm() {
      return SIGNATURES[this.#certificate.algorithm]?.[0];
    }

    get signatureAlgorithmOid() {
      return this.#certificate.algorithm;
    }

    get raw() {
      return Buffer.from(TypedArrayPrototypeSlice(this.#certificate.raw));
    }

    get publicKey() {
      return this.#key ??= new PublicKeyObject(ops.op_node_create_public_key(this.#certificate.spki, "der", "spki"));
    }

    get ca() {
      return isAuthority(this.#certificate);
    }

    toString() {
      return pem("CERTIFICATE", this.#certificate.raw);
    }

    toJSON() {
      return pem("CERTIFICATE", this.#certificate.raw);
    }

    checkHost(name, options = undefined) {
      return checkHost(this.#certificate, name, options);
    }

    checkEmail(email, options = undefined) {
      return checkEmail(this.#certificate, email, options);
    }

    checkIP(ip, options = undefined) {
      return checkIP(this.#certificate, ip, options);
    }

    checkIssued(otherCert) {
      if (typeof otherCert !== "object" || otherCert === null || !(#certificate in otherCert)) {
        throw new ERR_INVALID_ARG_TYPE("otherCert", "X509Certificate", otherCert);
      }
      return mayHaveIssued(otherCert.#certificate, this.#certificate);
    }

    checkPrivateKey(pkey) {
      const handle = handleOf(pkey, "pkey", "private");
      return ops.op_node_key_equals(ops.op_node_derive_public_key_from_private_key(handle), this.publicKey[kHandle]);
    }

    verify(pkey) {
      return isSignedBy(this.#certificate, handleOf(pkey, "pkey", "public"));
    }

    toLegacyObject() {
      const certificate = this.#certificate;
      const key = publicFacts(this);
      const access = accessOf(certificate);
      let infoAccess;
      for (let i = 0; access !== null && i < access.length; i++) {
        const at = StringPrototypeIndexOf(access[i], ":");
        const name = StringPrototypeSlice(access[i], 0, at);
        infoAccess ??= { __proto__: null };
        infoAccess[name] ??= [];
        ArrayPrototypePush(infoAccess[name], StringPrototypeSlice(access[i], at + 1));
      }
      return {
        subject: nameObject(attributesOf(certificate.subject)),
        issuer: nameObject(attributesOf(certificate.issuer)),
        subjectaltname: this.subjectAltName,
        infoAccess,
        ca: isAuthority(certificate),
        modulus: key.modulus,
        exponent: key.exponent,
        pubkey: Buffer.from(key.pubkey),
        bits: key.bits,
        valid_from: certificate.validFrom,
        valid_to: certificate.validTo,
        fingerprint: fingerprint(certificate, "sha1"),
        fingerprint256: fingerprint(certificate, "sha256"),
        fingerprint512: fingerprint(certificate, "sha512"),
        ext_key_usage: purposesOf(certificate),
        serialNumber: this.serialNumber,
        raw: this.raw,
        asn1Curve: key.asn1Curve,
        nistCurve: key.nistCurve,
      };
    }
  }

  const SHOWN = ["subject", "subjectAltName", "issuer", "infoAccess", "validFrom", "validTo", "validFromDate", "validToDate",
    "fingerprint", "fingerprint256", "fingerprint512", "keyUsage", "serialNumber", "signatureAlgorithm", "signatureAlgorithmOid"];

  function handleOf(key, name, type) {
    if (!ObjectPrototypeIsPrototypeOf(KeyObject.prototype, key)) throw new ERR_INVALID_ARG_TYPE(name, "KeyObject", key);
    if (key.type !== type) throw new ERR_INVALID_ARG_VALUE(name, key);
    return key[kHandle];
  }

  /** What the older object says of the public key. */
  function publicFacts({ publicKey }) {
    const handle = publicKey[kHandle];
    const spki = ops.op_node_export_public_key_der(handle, "spki");
    if (publicKey.asymmetricKeyType === "rsa") {
      const { 0: modulus, 1: exponent } = children(element(ops.op_node_export_public_key_der(handle, "pkcs1"), SEQUENCE).content);
      const digits = (bytes) => StringPrototypeToUpperCase(hex(bytes[0] === 0 ? TypedArrayPrototypeSubarray(bytes, 1) : bytes));
      const shown = RegExpPrototypeExec(/^0*(.*)$/, digits(exponent.content))[1];
      return {
        modulus: digits(modulus.content),
        exponent: `0x${StringPrototypeToLowerCase(shown)}`,
        pubkey: spki,
        bits: ops.op_node_get_asymmetric_key_details(handle).modulusLength,
      };
    }
    if (publicKey.asymmetricKeyType !== "ec") return { pubkey: spki };
    const { namedCurve } = ops.op_node_get_asymmetric_key_details(handle);
    const pubkey = TypedArrayPrototypeSlice(children(element(spki, SEQUENCE).content)[1].content, 1);
    return { pubkey, bits: CURVE_BITS[namedCurve], asn1Curve: namedCurve, nistCurve: CURVES[namedCurve] };
  }

  // SPKAC, https://developer.mozilla.org/docs/Web/HTML/Element/keygen: a key and a challenge, signed.

  function spkacOf(spkac, encoding) {
    const given = bytes(getArrayBufferOrView(spkac, "spkac", encoding));
    if (TypedArrayPrototypeGetByteLength(given) > DOCUMENT_BYTES_MAX) return null;
    try {
      const { 0: signed, 1: algorithm, 2: signature } = children(element(derOf(latin1(given)), SEQUENCE).content);
      const { 0: spki, 1: challenge } = children(signed.content);
      const { 0: oid } = children(algorithm.content);
      const key = ops.op_node_create_public_key(spki.whole, "der", "spki");
      const of = { __proto__: null, algorithm: oidOf(oid.content), signature: TypedArrayPrototypeSubarray(signature.content, 1), tbs: signed.whole };
      return { __proto__: null, challenge: challenge.content, key, of };
    } catch {
      return null;
    }
  }

  function verifySpkac(spkac, encoding) {
    const read = spkacOf(spkac, encoding);
    return read !== null && isSignedBy(read.of, read.key);
  }

  function exportPublicKey(spkac, encoding) {
    const read = spkacOf(spkac, encoding);
    return read === null ? "" : Buffer.from(ops.op_node_export_public_key_pem(read.key, "spki"));
  }

  function exportChallenge(spkac, encoding) {
    const read = spkacOf(spkac, encoding);
    return read === null ? "" : Buffer.from(new Uint8Array(read.challenge));
  }

  function Certificate() {
    if (!ObjectPrototypeIsPrototypeOf(Certificate.prototype, this)) return new Certificate();
  }
  for (const owner of [Certificate, Certificate.prototype]) {
    owner.exportChallenge = exportChallenge;
    owner.exportPublicKey = exportPublicKey;
    owner.verifySpkac = verifySpkac;
  }

  return { Certificate, X509Certificate, default: Certificate };
})()
