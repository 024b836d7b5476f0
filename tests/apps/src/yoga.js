// graphql-yoga with queries, mutations, errors and a subscription over server-sent events.
import { createSchema, createYoga } from "graphql-yoga";

const items = [{ id: "1", name: "first" }];
const schema = createSchema({
  typeDefs: `
    type Item { id: ID!, name: String!, upper: String! }
    type Query { items(first: Int = 10): [Item!]!, fails: String }
    type Mutation { rename(id: ID!, name: String!): Item }
    type Subscription { count(to: Int!): Int! }
  `,
  resolvers: {
    Query: {
      items: (_, { first }) => items.slice(0, first),
      fails() {
        throw new Error("masked");
      },
    },
    Item: { upper: async (item) => item.name.toUpperCase() },
    Mutation: { rename: (_, { id, name }) => ({ id, name }) },
    Subscription: {
      count: {
        async *subscribe(_, { to }) {
          for (let i = 1; i <= to; i++) yield { count: i };
        },
      },
    },
  },
});
const yoga = createYoga({ schema, graphiql: false, logging: false });
export default { fetch: (request, env, ctx) => yoga.fetch(request, env, ctx) };
