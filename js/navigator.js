// Navigator: https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent
(function () {
  const { core, primordials } = __bootstrap;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");

  const languages = primordials.ObjectFreeze(["en"]);

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

    get languages() {
      webidl.assertBranded(this, Navigator.prototype);
      return languages;
    }

    get platform() {
      webidl.assertBranded(this, Navigator.prototype);
      return "Linux";
    }
  }

  webidl.configureInterface(Navigator);

  return { Navigator, navigator: webidl.createBranded(Navigator) };
})()
