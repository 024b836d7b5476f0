// Navigator: https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent
(function () {
  const { ObjectFreeze } = __bootstrap.primordials;

  class Navigator {
    get userAgent() {
      return "Cloudflare-Workers";
    }
  }

  return { navigator: ObjectFreeze(new Navigator()) };
})()
