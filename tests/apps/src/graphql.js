// graphql-js alone: a schema in code, executed, validated, printed.
import { buildSchema, graphql, printSchema } from "graphql";

const schema = buildSchema("type Query { hello(name: String!): String, list: [Int] }");
export default {
  async fetch(request) {
    const rootValue = { hello: ({ name }) => `hello ${name}`, list: async () => [1, 2] };
    const source = new URL(request.url).searchParams.get("query");
    if (source === null) return new Response(printSchema(schema));
    return Response.json(await graphql({ schema, source, rootValue }));
  },
};
