// Rate limiter: https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/
(function () {
  const { core, primordials } = __bootstrap;
  const { TypeError } = primordials;
  const { op_eyot_rate_limit } = core.ops;

  class RateLimit {
    #index;

    constructor(index) {
      this.#index = index;
    }

    async limit(options) {
      const key = options?.key;
      if (typeof key !== "string") throw new TypeError("limit(): the options need a key that is a string.");
      return { success: op_eyot_rate_limit(this.#index, key) };
    }
  }

  return { makeRateLimit: (index) => new RateLimit(index) };
})()
