// drizzle: queries built and sent to a database that answers from memory.
import { and, desc, eq, gt, like, sql } from "drizzle-orm";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { drizzle } from "drizzle-orm/sqlite-proxy";

const users = sqliteTable("users", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  name: text("name").notNull(),
  age: integer("age"),
  meta: text("meta", { mode: "json" }),
});
const log = [];
const db = drizzle(async (query, params, method) => {
  log.push([query, params, method]);
  return { rows: method === "get" ? [1, "a", 30, "{}"] : [[1, "a", 30, "{\"k\":1}"]] };
});
export default {
  async fetch() {
    log.length = 0;
    const rows = await db.select().from(users).where(and(gt(users.age, 18), like(users.name, "a%"))).orderBy(desc(users.id)).limit(5);
    await db.insert(users).values({ name: "b", meta: { k: 2 } }).returning();
    await db.update(users).set({ age: sql`${users.age} + 1` }).where(eq(users.id, 1));
    await db.delete(users).where(eq(users.id, 2));
    return Response.json({ rows, log });
  },
};
