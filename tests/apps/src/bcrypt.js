// bcryptjs: hashes of passwords.
import bcrypt from "bcryptjs";
export default { async fetch() { const h = bcrypt.hashSync("x", "$2b$04$abcdefghijklmnopqrstuu"); return Response.json([h, await bcrypt.compare("x", h)]); } };
