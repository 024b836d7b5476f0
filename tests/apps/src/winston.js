// winston: log lines.
import winston from "winston";
import { Writable } from "node:stream";
export default { async fetch() {
  const lines = [];
  const stream = new Writable({ write(c, e, cb) { lines.push(c.toString()); cb(); } });
  const logger = winston.createLogger({ level: "info", format: winston.format.combine(winston.format.splat(), winston.format.json()), transports: [new winston.transports.Stream({ stream })] });
  logger.info("hello %s", "there", { a: 1 }); logger.debug("no"); logger.error(new Error("bad").message);
  await new Promise((r) => setTimeout(r, 5));
  return Response.json(lines);
} };
