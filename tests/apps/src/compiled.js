// What is compiled from strings at the top level, where alone it may be: JSON schemas by Ajv, templates by Handlebars.
import Ajv from "ajv/dist/2020.js";
import Handlebars from "handlebars/dist/cjs/handlebars.js";

const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, removeAdditional: true, discriminator: true, strict: true });
ajv.addKeyword({ keyword: "even", type: "number", compile: (on) => (value) => !on || value % 2 === 0 });
ajv.addFormat("sku", /^[A-Z]{3}-\d+$/);
ajv.addSchema({ $id: "line", type: "object", required: ["sku", "count"], properties: { sku: { type: "string", format: "sku" }, count: { type: "integer", minimum: 1, even: true } } });
const isOrder = ajv.compile({
  $id: "order",
  type: "object",
  required: ["id", "lines"],
  additionalProperties: false,
  properties: {
    id: { type: "string", pattern: "^[0-9a-f]{8}$" },
    lines: { type: "array", items: { $ref: "line" }, minItems: 1, uniqueItems: true },
    kind: { enum: ["new", "again"], default: "new" },
    paid: { type: "object", properties: { by: {} }, required: ["by"], discriminator: { propertyName: "by" }, oneOf: [
      { properties: { by: { const: "card" }, last: { type: "string", maxLength: 4 } }, required: ["by", "last"] },
      { properties: { by: { const: "bill" } } },
    ] },
    tree: { $ref: "#/$defs/node" },
  },
  $defs: { node: { type: "object", properties: { children: { type: "array", items: { $ref: "#/$defs/node" } } }, unevaluatedProperties: false } },
  if: { properties: { kind: { const: "again" } } },
  then: { properties: { paid: {} }, required: ["paid"] },
});
const page = Handlebars.compile("<h1>{{id}}</h1>{{#each lines}}<li class=\"{{@index}}\">{{sku}} {{count}}{{#unless @last}}, {{/unless}}</li>{{else}}none{{/each}}");
page({});

export default {
  async fetch(request) {
    const order = await request.json();
    if (!isOrder(order)) return Response.json({ errors: isOrder.errors, text: ajv.errorsText(isOrder.errors) }, { status: 422 });
    let late;
    try {
      late = new Ajv({ logger: false }).compile({ type: "string" });
    } catch (error) {
      late = `${error}`;
    }
    return Response.json({ order, page: page(order), late });
  },
};
