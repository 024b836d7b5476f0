// HTMLRewriter: every handler and method on documents in one piece and in many; what came of it, case by case.
const rewrite = async (html, build, type = "text/html") => {
  const log = [];
  const pieces = Array.isArray(html) ? html : [html];
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) {
        controller.enqueue(typeof piece === "string" ? new TextEncoder().encode(piece) : new Uint8Array(piece));
      }
      controller.close();
    },
  });
  try {
    const response = build(new HTMLRewriter(), log).transform(new Response(body, { headers: { "content-type": type } }));
    log.unshift(await response.text());
  } catch (error) {
    log.unshift(`${error.name}: ${error.message}`);
  }
  return log;
};

const thrown = (callback) => {
  try {
    return `no error: ${callback()}`;
  } catch (error) {
    return error.name;
  }
};

const wait = (ms = 1) => new Promise((resolve) => setTimeout(resolve, ms));
const element = (callback) => ({ element: callback });
const on = (html, selector, callback) => rewrite(html, (rewriter, log) => rewriter.on(selector, element((e) => callback(e, log))));

const cases = {
  elements: {
    properties: () => on('<a HREF="/x" Data-Y=1 z>t</a>', "a", (e, log) => {
      log.push(e.tagName, e.namespaceURI, [...e.attributes], e.removed, typeof e.attributes.next, e.attributes.next());
      log.push(e.getAttribute("href"), e.getAttribute("none"), e.getAttribute("HREF"), e.hasAttribute("data-y"), e.hasAttribute("q"), e.getAttribute("z"));
    }),
    attributes: () => on('<a href="/x" b=1>t</a>', "a", (e, log) => {
      log.push(e.setAttribute("href", '"quoted" & <x>') === e, e.removeAttribute("b") === e, e.removeAttribute("none") === e);
      e.setAttribute("New-One", 5).setAttribute("empty", "");
      log.push([...e.attributes]);
    }),
    badAttribute: () => on("<a>t</a>", "a", (e, log) => log.push(...["", "a b", "a=", "a/b", "a>b", "é"].map((name) => thrown(() => { e.setAttribute(name, "v"); })))),
    tagName: () => on("<a>t</a><br><img/>", "*", (e, log) => {
      e.tagName = `X-${e.tagName}`;
      log.push(e.tagName, ...["", "1a", "a b", "a>"].map((name) => thrown(() => { e.tagName = name; })));
    }),
    svg: () => on("<svg><circle r=1 /><g>x</g></svg><math><mrow>y</mrow></math>", "*", (e, log) => log.push(`${e.tagName} ${e.namespaceURI}`)),
    void: () => on("<p><br><img src=x>y</p>", "br, img", (e) => e.before("1").after("2").append("3").prepend("4").setInnerContent("5")),
    identity: () => on("<p>x</p>", "p", (e, log) => {
      log.push(e.before("a") === e, e.after("a") === e, e.prepend("a") === e, e.append("a") === e, e.setInnerContent("a") === e,
        e.replace("a") === e, e.remove() === e, e.removed, e.removeAndKeepContent() === e);
    }),
  },
  content: {
    places: () => on("<p>old</p>", "p", (e) => e.before("<1>").after("<2>", { html: true }).prepend("<3>").append("<4>", { html: true })),
    order: () => on("<p>old</p>", "p", (e) => e.before("1").before("2").after("3").after("4").prepend("5").prepend("6").append("7").append("8")),
    remove: () => on("<p>a<b>c</b></p>d", "p", (e) => void e.remove()),
    unwrap: () => on("<p>a<b>c</b></p>d", "p", (e) => void e.removeAndKeepContent()),
    replace: () => on("<p>a<b>c</b></p>d", "p", (e) => void e.replace("<x>").replace("<y>", { html: true })),
    inside: () => on("<p>a<b>c</b></p>d", "p", (e) => void e.setInnerContent("<x>")),
    insideHtml: () => on("<p>a<b>c</b></p>d", "p", (e) => void e.setInnerContent("<x>", { html: true })),
    removedAndMore: () => on("<p>a</p>", "p", (e) => void e.remove().before("1").after("2").append("3")),
    coerced: () => on("<p>a</p>", "p", (e, log) => {
      e.before(1).before(null).before(undefined).before({ toString: () => "obj" }).before(true);
      log.push(thrown(() => { e.before(); }), thrown(() => { e.before("x", null); }), thrown(() => { e.before("x", { html: null }); }), thrown(() => { e.before(Symbol()); }));
    }),
    options: () => on("<p>a</p>", "p", (e) => e.before("<1>", { html: 1 }).before("<2>", { html: "" }).before("<3>", {}).before("<4>", undefined)),
    nested: () => rewrite("<div><p>a</p><div><p>b</p></div></div>", (r) => r.on("div", element((e) => void e.append("]").prepend("["))).on("div > p", element((e) => void e.before("|")))),
    unicode: () => on("<p>é 😀</p>", "p", (e) => void e.append("ü\u{1F600}\0")),
  },
  endTags: {
    all: () => on("<div><p>a</p></div>", "*", (e) => { const { tagName } = e; e.onEndTag((tag) => void tag.before(`[/${tag.name}]`).after(`(${tagName})`)); }),
    rename: () => on("<p>a</p>", "p", (e) => e.onEndTag((tag) => { tag.name = "q"; })),
    remove: () => on("<p>a</p>b", "p", (e, log) => e.onEndTag((tag) => { log.push(tag.remove() === tag); })),
    twice: () => on("<p>a</p>", "p", (e, log) => { e.onEndTag(() => void log.push(1)); e.onEndTag(() => void log.push(2)); }),
    twoHandlers: () => rewrite("<p>a</p>", (r, log) => r.on("p", element((e) => e.onEndTag(() => void log.push(1)))).on("p", element((e) => e.onEndTag(() => void log.push(2))))),
    implied: () => on("<ul><li>a<li>b</ul>", "li", (e, log) => e.onEndTag((tag) => void log.push(tag.name))),
    unclosed: () => on("<p>a", "p", (e, log) => e.onEndTag(() => void log.push("never"))),
    void: () => on("<br>", "br", (e, log) => log.push(thrown(() => e.onEndTag(() => {})))),
    notAFunction: () => on("<p></p>", "p", (e, log) => log.push(thrown(() => e.onEndTag(5)), thrown(() => e.onEndTag()))),
    async: () => on("<p>a</p>b", "p", (e) => e.onEndTag(async (tag) => { await wait(); tag.after("later"); })),
    throws: () => on("<p>a</p>b", "p", (e) => e.onEndTag(() => { throw new RangeError("end"); })),
  },
  text: {
    chunks: () => rewrite(["<p>one", " two", "</p>three"], (r, log) => r.on("p", { text: (t) => void log.push([t.text, t.lastInTextNode, t.removed]) })),
    change: () => rewrite("<p>one</p>", (r, log) => r.on("p", {
      text(t) {
        if (t.lastInTextNode) log.push(t.after("<end>", { html: true }) === t);
        else log.push(t.replace(t.text.toUpperCase()) === t, t.before("<") === t);
      },
    })),
    remove: () => rewrite("<p>one<b>two</b></p>", (r, log) => r.on("p", { text: (t) => void log.push(t.remove() === t, t.removed) })),
    entities: () => rewrite("<p>&amp;&lt;x</p>", (r, log) => r.on("p", { text: (t) => void log.push(t.text) })),
    script: () => rewrite("<script>if (a < b) x('</p>')</script><textarea><p></textarea><style>p>q{}</style>", (r, log) => r.on("*", { text: (t) => void (t.text && log.push(t.text)) })),
    split: () => rewrite(["<p>", [0xc3], [0xa9, 0xf0, 0x9f], [0x98, 0x80], "</p>"], (r, log) => r.on("p", { text: (t) => void log.push(t.text) })),
    invalid: () => rewrite(["<p>", [0xff, 0x41], "</p>"], (r, log) => r.on("p", { text: (t) => void log.push(t.text) })),
    document: () => rewrite("a<p>b</p>c", (r, log) => r.onDocument({ text: (t) => void log.push(t.text) })),
  },
  comments: {
    element: () => rewrite("<p><!-- a --></p><!--b-->", (r, log) => r.on("p", {
      comments(c) {
        log.push(c.text, c.removed);
        c.text = "new";
        log.push(c.text, c.before("<1>") === c, c.after("<2>", { html: true }) === c);
      },
    })),
    replace: () => rewrite("<!--a--><!--b-->", (r, log) => r.onDocument({ comments: (c) => void (c.text === "a" ? c.replace("<x>") : log.push(c.remove() === c, c.removed)) })),
    bad: () => rewrite("<!--a-->", (r, log) => r.onDocument({ comments: (c) => void log.push(...["-->", "--!>", "--", ">"].map((text) => thrown(() => { c.text = text; }))) })),
    odd: () => rewrite("<!-><!--x--!><? php ?></ x><![CDATA[y]]>", (r, log) => r.onDocument({ comments: (c) => void log.push(c.text) })),
  },
  document: {
    doctype: () => rewrite('<!DOCTYPE html PUBLIC "a" "b"><p>', (r, log) => r.onDocument({ doctype: (d) => void log.push(d.name, d.publicId, d.systemId) })),
    short: () => rewrite("<!doctype>", (r, log) => r.onDocument({ doctype: (d) => void log.push(d.name, d.publicId, d.systemId) })),
    plain: () => rewrite("<!DOCTYPE html>", (r, log) => r.onDocument({ doctype: (d) => void log.push(d.name, d.publicId, d.systemId) })),
    end: () => rewrite("<p>x", (r, log) => r.onDocument({ end: (end) => void log.push(end.append("<1>") === end, end.append("<2>", { html: true }) === end) })),
    empty: () => rewrite("", (r) => r.onDocument({ end: (end) => void end.append("only") })),
    both: () => rewrite("<p><!--x--></p>", (r, log) => r.onDocument({ comments: () => void log.push("document") }).on("p", { comments: () => void log.push("element") })),
    ends: () => rewrite("x", (r) => r.onDocument({ end: (end) => void end.append("1") }).onDocument({ end: (end) => void end.append("2") })),
  },
  selectors: {
    valid: async () => {
      const html = '<div id=i class="a b"><p data-x="one-two">1</p><p lang=en-US>2</p><span><p data-x=three>3</p></span></div>';
      const found = {};
      const selectors = ["*", "p", "#i", ".a", ".a.b", "div p", "div > p", "[data-x]", '[data-x="three"]', '[data-x^="one"]', '[data-x$="two"]',
        '[data-x*="e-t"]', '[lang|="en"]', '[class~="b"]', '[data-x="THREE" i]', "p:first-child", "p:nth-child(2)", "p:nth-of-type(2n+1)", "p:not([lang])",
        "div, span", "P", "p:not(:first-child)", "p:first-of-type"];
      for (const selector of selectors) {
        const log = await on(html, selector, (e, log) => void log.push(`${e.tagName} ${e.getAttribute("data-x")}`));
        found[selector] = log.slice(1);
      }
      return found;
    },
    invalid: () => ["p:", "", "a::before", ">", "p:hover", "a + b", "a ~ b", "p:last-child", "[a", "a||b", ":not(", "p:nth-child(x)", "*|a", "p:empty", ":is(a)", "#", ".", "a,", "&"]
      .map((selector) => `${selector} ${thrown(() => { new HTMLRewriter().on(selector, {}); })}`),
    order: () => rewrite("<p>x</p>", (r, log) => r.on("p", element(() => void log.push(1))).on("*", element(() => void log.push(2))).on("p", element(() => void log.push(3)))),
    sees: () => rewrite("<p>x</p>", (r, log) => r.on("p", element((e) => void e.setAttribute("a", "1"))).on("p", element((e) => void log.push(e.getAttribute("a"))))),
  },
  handlers: {
    async: () => rewrite("<p></p><p></p>", (r, log) => {
      let count = 0;
      return r.on("p", {
        async element(e) {
          const mine = count++;
          log.push(`begin ${mine}`);
          await wait(mine === 0 ? 5 : 1);
          e.setInnerContent(`${mine} ${await new Response("body").text()}`);
          log.push(`end ${mine}`);
        },
      });
    }),
    self: () => rewrite("<p>x</p>", (r, log) => r.on("p", { name: "mine", element() { log.push(this?.name); } })),
    instance: () => rewrite("<p>x</p>", (r, log) => {
      class Handler {
        count = 0;
        element(e) {
          e.setAttribute("n", ++this.count);
        }
        text() {
          log.push(this.count);
        }
      }
      return r.on("p", new Handler());
    }),
    readAtOn: () => rewrite("<p>x</p>", (r, log) => {
      const handlers = { element: () => void log.push("first") };
      r.on("p", handlers);
      handlers.element = () => void log.push("second");
      return r;
    }),
    throws: () => rewrite("<p>x</p>", (r) => r.on("p", element(() => { throw new RangeError("mine"); }))),
    rejects: () => rewrite("<p>x</p>", (r) => r.on("p", element(async () => { throw new RangeError("later"); }))),
    textThrows: () => rewrite("<p>x</p>", (r) => r.on("p", { text() { throw new TypeError("text"); } })),
    endThrows: () => rewrite("<p>x</p>", (r) => r.onDocument({ end() { throw new TypeError("end"); } })),
    stale: async () => {
      let kept, iterator;
      const log = await on("<p a=1>x</p>", "p", (e) => { kept = e; iterator = e.attributes; });
      log.push(thrown(() => kept.tagName), thrown(() => { kept.setAttribute("a", "b"); }), thrown(() => { kept.before("x"); }), thrown(() => iterator.next()), thrown(() => kept.onEndTag(() => {})));
      return log;
    },
    staleLater: () => rewrite("<p>1</p><p>2</p>", (r, log) => {
      let first;
      return r.on("p", element((e) => { if (first) log.push(thrown(() => first.tagName)); else first = e; }));
    }),
    returnsValue: () => rewrite("<p>x</p>", (r) => r.on("p", element(() => 5))),
    bad: () => [
      thrown(() => { new HTMLRewriter().on("p", { element: 1 }); }), thrown(() => { new HTMLRewriter().on("p", { element: null }); }), thrown(() => { new HTMLRewriter().on("p"); }),
      thrown(() => { new HTMLRewriter().on("p", 5); }), thrown(() => { new HTMLRewriter().on("p", null); }), thrown(() => { new HTMLRewriter().onDocument(); }), thrown(() => { new HTMLRewriter().onDocument({ end: {} }); }),
      thrown(() => { new HTMLRewriter().transform("x"); }), thrown(() => { new HTMLRewriter().transform(); }), thrown(() => HTMLRewriter()), thrown(() => { new HTMLRewriter().on(); }),
    ],
    chain: () => { const r = new HTMLRewriter(); return [r.on("p", {}) === r, r.onDocument({}) === r, Object.prototype.toString.call(r), typeof HTMLRewriter, HTMLRewriter.length]; },
  },
  responses: {
    headers: async () => {
      const from = new Response("<p>x</p>", { status: 201, statusText: "Made", headers: [["X-Kept", "yes"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]] });
      const to = new HTMLRewriter().on("p", element((e) => void e.setInnerContent("y"))).transform(from);
      return [to.status, to.statusText, to.ok, [...to.headers], from.bodyUsed, to.bodyUsed, await to.text(), to === from];
    },
    empty: () => { const from = new Response(null, { status: 204 }); return [new HTMLRewriter().transform(from) === from]; },
    used: async () => { const from = new Response("x"); await from.text(); return thrown(() => { new HTMLRewriter().transform(from); }); },
    twice: async () => { const from = new Response("x"); new HTMLRewriter().transform(from); return thrown(() => { new HTMLRewriter().transform(from); }); },
    reuse: async () => { const r = new HTMLRewriter().on("p", element((e) => void e.append("!"))); return [await r.transform(new Response("<p>1</p>")).text(), await r.transform(new Response("<p>2</p>")).text()]; },
    both: async () => { const r = () => new HTMLRewriter().on("p", element((e) => void e.append("!"))); return r().transform(r().transform(new Response("<p>1</p>"))).text(); },
    charset: () => rewrite(["<p>", [0xe9], "</p>"], (r, log) => r.on("p", { text: (t) => void (t.text && log.push(t.text)), element: (e) => void e.append("ü") }), "text/html; charset=iso-8859-1"),
    unknownCharset: () => rewrite("<p>x</p>", (r) => r.on("p", {}), "text/html; charset=nope"),
    utf16: () => rewrite("<p>x</p>", (r) => r.on("p", {}), "text/html; charset=utf-16"),
    json: () => rewrite('{"a":"<p>x</p>"}', (r) => r.on("p", element((e) => void e.remove())), "application/json"),
    cancel: async () => {
      const log = [];
      const body = new ReadableStream({ pull(c) { c.enqueue(new TextEncoder().encode("<p>x</p>".repeat(1000))); }, cancel: () => void log.push("canceled") });
      const reader = new HTMLRewriter().on("p", element((e) => void e.setAttribute("a", 1))).transform(new Response(body)).body.getReader();
      const { value, done } = await reader.read();
      await reader.cancel("enough");
      await wait(20);
      return [done, value.length > 0, ...log];
    },
    big: async () => {
      const body = "<p>x</p>".repeat(20000);
      let count = 0;
      const text = await new HTMLRewriter().on("p", element((e) => { count++; e.setAttribute("a", "1"); })).transform(new Response(body)).text();
      return [count, text.length, text.slice(0, 30)];
    },
    long: async () => {
      const body = `<p a="${"x".repeat(600000)}">y</p>`;
      const text = await new HTMLRewriter().on("p", element((e) => { e.setAttribute("b", e.getAttribute("a").length); })).transform(new Response(body)).text();
      return [text.length, text.slice(-20)];
    },
    ambiguous: () => rewrite("<select><textarea><p>x</p></select>", (r) => r.on("p", element((e) => void e.remove()))),
  },
  streams: {
    stream: () => on("<p>a</p>", "p", (e) => void e.append(new Response("<s>").body).prepend(new Response("<t>").body, { html: true }).before(new Response("<u>"), { html: true }).after(new Response("<v>"))),
    replace: () => on("<p>a</p>b", "p", (e) => void e.replace(new Response("<r>").body, { html: true })),
    inside: () => on("<p>a</p>b", "p", (e) => void e.setInnerContent(new Response("<r>"), { html: true })),
    text: () => rewrite("<p>a</p>", (r) => r.on("p", { text: (t) => void (t.text && t.replace(new Response("<r>"), { html: true })) })),
    endTag: () => on("<p>a</p>", "p", (e) => e.onEndTag((tag) => void tag.before(new Response("<r>"), { html: true }))),
    later: () => on("<p>a</p>", "p", (e) => {
      const { readable, writable } = new TransformStream();
      void (async () => { const w = writable.getWriter(); for (const part of ["a", "é", "<b>"]) { await wait(); await w.write(new TextEncoder().encode(part)); } await w.close(); })();
      e.append(readable);
    }),
    splitCharacter: () => on("<p>a</p>", "p", (e) => void e.append(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([0xc3])); c.enqueue(new Uint8Array([0xa9])); c.close(); } }))),
    emptyBody: () => on("<p>a</p>", "p", (e) => void e.append(new Response(null))),
    error: () => on("<p>a</p>", "p", (e) => void e.append(new ReadableStream({ start(c) { c.error(new RangeError("inner")); } }))),
  },
};

export default {
  async fetch(request) {
    const { 1: group, 2: only } = new URL(request.url).pathname.split("/");
    const told = {};
    for (const name in cases[group]) if (only === undefined || only === name) told[name] = await cases[group][name]();
    return Response.json(told);
  },
};
