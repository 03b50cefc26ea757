// Serves the shop, or another example, on loopback, with the recorder's address and a write key put into its pages.
//
//   node examples/shop/serve.mjs --key KEY [--recorder http://127.0.0.1:8081/recorder.js] [--port 8090]
//                                [--folder examples/widget]
//
// Prints the site's address when it is ready; port 0 takes a free one.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };

const { values } = parseArgs({
    options: {
        key: { type: "string" },
        recorder: { type: "string", default: "http://127.0.0.1:8081/recorder.js" },
        port: { type: "string", default: "8090" },
        folder: { type: "string", default: dirname(fileURLToPath(import.meta.url)) },
    },
});
if (values.key === undefined) {
    process.stderr.write("serve.mjs needs --key, a connection's write key (`playhead run` prints one)\n");
    process.exit(2);
}

const folder = resolve(values.folder);
const escape = (text) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
const fill = (html) =>
    html
        .replaceAll("{{recorder_src}}", escape(values.recorder))
        .replaceAll("{{write_key}}", escape(values.key));

const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://shop");
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const type = TYPES[extname(name)];
    try {
        // One flat folder: a name with a path in it is not one of ours.
        if (type === undefined || /[/\\]|\.\./.test(name)) throw new Error("no such page");
        const body = await readFile(join(folder, name), "utf8");
        response.writeHead(200, { "Content-Type": `${type}; charset=utf-8`, "Cache-Control": "no-cache" });
        response.end(type === "text/html" ? fill(body) : body);
    } catch {
        response.writeHead(404, { "Content-Type": "text/plain" }).end("no such page\n");
    }
});
server.listen(Number(values.port), "127.0.0.1", () => {
    process.stdout.write(`http://127.0.0.1:${server.address().port}/\n`);
});
for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => {
        server.closeAllConnections();
        server.close();
    });
}
