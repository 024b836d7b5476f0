// deno_node 0.198.0, polyfills/internal/crypto/x509.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    Date,
    ObjectAssign,
    ObjectFreeze,
    ObjectPrototypeIsPrototypeOf,
    StringPrototypeIncludes
  } = primordials;
  const {
    op_node_x509_ca,
    op_node_x509_check_email,
    op_node_x509_check_host,
    op_node_x509_check_ip,
    op_node_x509_check_issued,
    op_node_x509_check_private_key,
    op_node_x509_fingerprint,
    op_node_x509_fingerprint256,
    op_node_x509_fingerprint512,
    op_node_x509_get_info_access,
    op_node_x509_get_issuer,
    op_node_x509_get_raw,
    op_node_x509_get_serial_number,
    op_node_x509_get_signature_algorithm_name,
    op_node_x509_get_signature_algorithm_oid,
    op_node_x509_get_subject,
    op_node_x509_get_subject_alt_name,
    op_node_x509_get_valid_from,
    op_node_x509_get_valid_to,
    op_node_x509_key_usage,
    op_node_x509_parse,
    op_node_x509_public_key,
    op_node_x509_to_legacy_object,
    op_node_x509_to_string,
    op_node_x509_verify
  } = core.loadExtScript("ext:eyot_node/crypto_ops.js");
  const {
    KeyObject,
    PublicKeyObject
  } = core.loadExtScript("ext:eyot_node/deno/internal/crypto/keys.js");
  const { kHandle } = core.loadExtScript(
    "ext:eyot_node/deno/internal/crypto/constants.js"
  );
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  const {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE
  } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { isArrayBufferView } = core.loadExtScript(
    "ext:eyot_node/deno/internal/util/types.js"
  );
  const {
    validateBoolean,
    validateObject,
    validateString
  } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");
  const { inspect } = core.loadExtScript("ext:eyot_node/deno/util.js");
  const { customInspectSymbol: kInspect } = core.loadExtScript(
    "ext:eyot_node/deno/internal/util.js"
  );
  const kEmptyObject = ObjectFreeze({ __proto__: null });
  function getFlags(options = kEmptyObject) {
    validateObject(options, "options");
    const {
      subject = "default",
      wildcards = true,
      partialWildcards = true,
      multiLabelWildcards = false,
      singleLabelSubdomains = false
    } = { ...options };
    let flags = 0;
    validateString(subject, "options.subject");
    validateBoolean(wildcards, "options.wildcards");
    validateBoolean(partialWildcards, "options.partialWildcards");
    validateBoolean(multiLabelWildcards, "options.multiLabelWildcards");
    validateBoolean(singleLabelSubdomains, "options.singleLabelSubdomains");
    switch (subject) {
      case "default":
        break;
      case "always":
        flags |= 1;
        break;
      case "never":
        flags |= 2;
        break;
      default:
        throw new ERR_INVALID_ARG_VALUE("options.subject", subject);
    }
    if (!wildcards) flags |= 4;
    if (!partialWildcards) flags |= 8;
    if (multiLabelWildcards) flags |= 16;
    if (singleLabelSubdomains) flags |= 32;
    return flags;
  }
  class X509Certificate {
    #handle;
    constructor(buffer) {
      if (typeof buffer === "string") {
        buffer = Buffer.from(buffer);
      }
      if (!isArrayBufferView(buffer)) {
        throw new ERR_INVALID_ARG_TYPE(
          "buffer",
          ["string", "Buffer", "TypedArray", "DataView"],
          buffer
        );
      }
      this.#handle = op_node_x509_parse(buffer);
      const self = this;
      this[core.hostObjectBrand] = () => ({
        type: "X509Certificate",
        data: op_node_x509_get_raw(self.#handle)
      });
    }
    [kInspect](depth, options) {
      if (depth < 0) {
        return this;
      }
      const opts = {
        ...options,
        depth: options.depth == null ? null : options.depth - 1
      };
      return `X509Certificate ${inspect({
        subject: this.subject,
        subjectAltName: this.subjectAltName,
        issuer: this.issuer,
        infoAccess: this.infoAccess,
        validFrom: this.validFrom,
        validTo: this.validTo,
        validFromDate: this.validFromDate,
        validToDate: this.validToDate,
        fingerprint: this.fingerprint,
        fingerprint256: this.fingerprint256,
        fingerprint512: this.fingerprint512,
        keyUsage: this.keyUsage,
        serialNumber: this.serialNumber
      }, opts)}`;
    }
    get ca() {
      return op_node_x509_ca(this.#handle);
    }
    checkEmail(email, options) {
      validateString(email, "email");
      if (StringPrototypeIncludes(email, "\0")) {
        throw new ERR_INVALID_ARG_VALUE("email", email);
      }
      getFlags(options);
      if (op_node_x509_check_email(this.#handle, email)) {
        return email;
      }
    }
    checkHost(name, options) {
      validateString(name, "name");
      if (StringPrototypeIncludes(name, "\0")) {
        throw new ERR_INVALID_ARG_VALUE("name", name);
      }
      getFlags(options);
      if (op_node_x509_check_host(this.#handle, name)) {
        return name;
      }
    }
    checkIP(ip, options) {
      validateString(ip, "ip");
      getFlags(options);
      return op_node_x509_check_ip(this.#handle, ip) ?? void 0;
    }
    checkIssued(otherCert) {
      if (!ObjectPrototypeIsPrototypeOf(X509Certificate.prototype, otherCert)) {
        throw new ERR_INVALID_ARG_TYPE(
          "otherCert",
          "X509Certificate",
          otherCert
        );
      }
      return op_node_x509_check_issued(this.#handle, otherCert.#handle);
    }
    checkPrivateKey(privateKey) {
      if (!ObjectPrototypeIsPrototypeOf(KeyObject.prototype, privateKey)) {
        throw new ERR_INVALID_ARG_TYPE(
          "privateKey",
          "KeyObject",
          privateKey
        );
      }
      if (privateKey.type !== "private") {
        throw new ERR_INVALID_ARG_VALUE("privateKey", privateKey);
      }
      return op_node_x509_check_private_key(
        this.#handle,
        privateKey[kHandle]
      );
    }
    get fingerprint() {
      return op_node_x509_fingerprint(this.#handle);
    }
    get fingerprint256() {
      return op_node_x509_fingerprint256(this.#handle);
    }
    get fingerprint512() {
      return op_node_x509_fingerprint512(this.#handle);
    }
    get infoAccess() {
      return op_node_x509_get_info_access(this.#handle) ?? void 0;
    }
    get issuer() {
      return op_node_x509_get_issuer(this.#handle);
    }
    get issuerCertificate() {
      return void 0;
    }
    get keyUsage() {
      const flags = op_node_x509_key_usage(this.#handle);
      if (flags === 0) return void 0;
      const result = [];
      if (flags & 1) ArrayPrototypePush(result, "DigitalSignature");
      if (flags >> 1 & 1) ArrayPrototypePush(result, "NonRepudiation");
      if (flags >> 2 & 1) ArrayPrototypePush(result, "KeyEncipherment");
      if (flags >> 3 & 1) ArrayPrototypePush(result, "DataEncipherment");
      if (flags >> 4 & 1) ArrayPrototypePush(result, "KeyAgreement");
      if (flags >> 5 & 1) ArrayPrototypePush(result, "KeyCertSign");
      if (flags >> 6 & 1) ArrayPrototypePush(result, "CRLSign");
      if (flags >> 7 & 1) ArrayPrototypePush(result, "EncipherOnly");
      if (flags >> 8 & 1) ArrayPrototypePush(result, "DecipherOnly");
      return result;
    }
    get publicKey() {
      const handle = op_node_x509_public_key(this.#handle);
      return new PublicKeyObject(handle);
    }
    get raw() {
      return Buffer.from(op_node_x509_get_raw(this.#handle));
    }
    get serialNumber() {
      return op_node_x509_get_serial_number(this.#handle);
    }
    get signatureAlgorithm() {
      return op_node_x509_get_signature_algorithm_name(this.#handle) ?? void 0;
    }
    get signatureAlgorithmOid() {
      return op_node_x509_get_signature_algorithm_oid(this.#handle);
    }
    get subject() {
      return op_node_x509_get_subject(this.#handle) || void 0;
    }
    get subjectAltName() {
      return op_node_x509_get_subject_alt_name(this.#handle) ?? void 0;
    }
    toJSON() {
      return this.toString();
    }
    toLegacyObject() {
      const obj = op_node_x509_to_legacy_object(this.#handle);
      if (obj.raw) {
        obj.raw = Buffer.from(obj.raw);
      }
      if (obj.subject) {
        obj.subject = ObjectAssign({ __proto__: null }, obj.subject);
      }
      if (obj.issuer) {
        obj.issuer = ObjectAssign({ __proto__: null }, obj.issuer);
      }
      if (obj.infoAccess) {
        obj.infoAccess = ObjectAssign({ __proto__: null }, obj.infoAccess);
      }
      return obj;
    }
    toString() {
      return op_node_x509_to_string(this.#handle);
    }
    get validFrom() {
      return op_node_x509_get_valid_from(this.#handle);
    }
    get validFromDate() {
      return new Date(this.validFrom);
    }
    get validTo() {
      return op_node_x509_get_valid_to(this.#handle);
    }
    get validToDate() {
      return new Date(this.validTo);
    }
    verify(publicKey) {
      if (!ObjectPrototypeIsPrototypeOf(KeyObject.prototype, publicKey)) {
        throw new ERR_INVALID_ARG_TYPE(
          "publicKey",
          "KeyObject",
          publicKey
        );
      }
      if (publicKey.type !== "public") {
        throw new ERR_INVALID_ARG_VALUE("publicKey", publicKey);
      }
      return op_node_x509_verify(
        this.#handle,
        publicKey[kHandle]
      );
    }
  }
  function isX509Certificate(value) {
    return ObjectPrototypeIsPrototypeOf(X509Certificate.prototype, value);
  }
  function deserializeX509Certificate(data) {
    return new X509Certificate(Buffer.from(data.data));
  }
  return {
    X509Certificate,
    deserializeX509Certificate,
    isX509Certificate,
    default: {
      X509Certificate,
      isX509Certificate
    }
  };
})()
