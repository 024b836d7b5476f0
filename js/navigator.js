// Navigator: https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent
(function () {
  const { core } = __bootstrap;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");

  class Navigator {
    constructor() {
      webidl.illegalConstructor();
    }

    get userAgent() {
      webidl.assertBranded(this, Navigator.prototype);
      return "Cloudflare-Workers";
    }

    get hardwareConcurrency() {
      webidl.assertBranded(this, Navigator.prototype);
      return 1;
    }

    get language() {
      webidl.assertBranded(this, Navigator.prototype);
      return "en";
    }

    get platform() {
      webidl.assertBranded(this, Navigator.prototype);
      return "Linux";
    }
  }

  webidl.configureInterface(Navigator);

  return { Navigator, navigator: webidl.createBranded(Navigator) };
})()
