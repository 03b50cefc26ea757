// Writes each file under dist/assets a second and a third time, compressed as small as can be: that takes too long
// while somebody waits for it. The query API serves them (query_api/dashboard.py).
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

const CODINGS = {
    // Its usual quality is its best.
    ".br": (content) => promisify(brotliCompress)(content),
    ".gz": (content) => promisify(gzip)(content, { level: 9 }),
};

const folder = join(import.meta.dirname, "dist/assets");
const files = (await readdir(folder)).filter((name) => /\.(js|css)$/.test(name));
await Promise.all(
    files.flatMap((name) =>
        Object.entries(CODINGS).map(async ([end, coded]) =>
            writeFile(join(folder, name + end), await coded(await readFile(join(folder, name)))),
        ),
    ),
);
