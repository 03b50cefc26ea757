// Serves one of the examples on loopback, with the collector's address and a write key put into its pages.
//
//   node examples/serve.mjs shop|widget|fetch|beacon --key KEY [--collector http://127.0.0.1:8081]
//                                  [--recorder http://127.0.0.1:8081/recorder.js] [--port 8090]
//
// Prints the page's address when it is ready; port 0 takes a free one.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { parseArgs } from "node:util";

const EXAMPLES = ["shop", "widget", "fetch", "beacon"];
const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };
/** rrweb as it is installed, for the pages that record with it and not with our recorder. */
const RRWEB = new URL("../umd/rrweb.min.js", import.meta.resolve("rrweb"));

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        key: { type: "string" },
        collector: { type: "string", default: "http://127.0.0.1:8081" },
        recorder: { type: "string" },
        port: { type: "string", default: "8090" },
    },
});
const [example, ...rest] = positionals;
if (!EXAMPLES.includes(example) || rest.length > 0) {
    process.stderr.write(`serve.mjs serves one of ${EXAMPLES.join(", ")}\n`);
    process.exit(2);
}
if (values.key === undefined) {
    process.stderr.write("serve.mjs needs --key, a connection's write key (`playhead run` prints one)\n");
    process.exit(2);
}

const filled = {
    "{{recorder_src}}": values.recorder ?? `${values.collector}/recorder.js`,
    "{{collector_url}}": values.collector,
    "{{write_key}}": values.key,
};
const escape = (text) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
const fill = (html) =>
    Object.entries(filled).reduce((text, [mark, value]) => text.replaceAll(mark, escape(value)), html);

const folder = new URL(`${example}/`, import.meta.url);
function find(pathname) {
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    // One flat folder: a name with a path in it is not one of ours.
    if (TYPES[extname(name)] === undefined || /[/\\%]|\.\./.test(name)) throw new Error("no such page");
    return name === "rrweb.js" ? RRWEB : new URL(name, folder);
}

const server = createServer(async (request, response) => {
    try {
        const file = find(new URL(request.url, "http://example").pathname);
        const body = await readFile(file, "utf8");
        const type = TYPES[extname(file.pathname)];
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
