// Opens the shop in Chromium, with the recorder and without it in turn, and keeps a trace of each start.
//
//   node open_shop.mjs CHROMIUM RECORDER FOLDER RUNS THROTTLING SPAN_MS
//
// Prints a JSON array of {recorded, url, trace}; THROTTLING slows the page's processor down so many times.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [executablePath, recorder, folder, runs, throttling, spanMs] = process.argv.slice(2);
const SHOP = join(import.meta.dirname, "../../examples/shop/serve.mjs");
const CATEGORIES = [
    "-*",
    "toplevel",
    "blink.user_timing",
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-lighthouse",
];
const CONFIG = {
    record: true,
    sample_rate: 1,
    mask_all_text: false,
    consent_required: false,
    gap_ms: 1_800_000,
};

/** Takes every batch; its /nothing.js stands for the recorder where there is none. */
const accepted = [];
const collector = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://collector");
    const answer = (status, type, body) => {
        response.writeHead(status, { "Content-Type": type, "Access-Control-Allow-Origin": "*" }).end(body);
    };
    if (pathname === "/recorder.js") answer(200, "text/javascript", await readFile(recorder));
    else if (pathname === "/nothing.js") answer(200, "text/javascript", "");
    else if (pathname === "/v1/recorder-config") answer(200, "application/json", JSON.stringify(CONFIG));
    else {
        request.resume();
        accepted.push(pathname);
        answer(202, "application/json", "{}");
    }
});
collector.listen(0, "127.0.0.1");
await once(collector, "listening");
const origin = `http://127.0.0.1:${collector.address().port}`;

const servers = [];
async function shop(script) {
    const server = spawn(process.execPath, [SHOP, "--port", "0", "--key", "write-key-1", "--recorder", script]);
    servers.push(server);
    const [url] = await once(createInterface(server.stdout), "line");
    return url;
}
const shops = { with: await shop(`${origin}/recorder.js`), without: await shop(`${origin}/nothing.js`) };

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const opened = [];
for (let run = 0; run < Number(runs); run++) {
    // The other first each time, so that neither always has the warmer browser.
    const order = run % 2 === 0 ? ["with", "without"] : ["without", "with"];
    for (const which of order) {
        const context = await browser.newContext();
        const page = await context.newPage();
        const session = await context.newCDPSession(page);
        await session.send("Emulation.setCPUThrottlingRate", { rate: Number(throttling) });
        const trace = join(folder, `${throttling}-${run}-${which}.json`);
        accepted.length = 0;
        await browser.startTracing(page, { path: trace, categories: CATEGORIES });
        await page.goto(shops[which], { waitUntil: "load" });
        await page.waitForTimeout(Number(spanMs));
        await browser.stopTracing();
        if (which === "with" && accepted.length === 0) throw new Error("the recorder sent nothing");
        opened.push({ recorded: which === "with", url: shops[which], trace });
        await context.close();
    }
}
await browser.close();
for (const server of servers) server.kill();
collector.close();
process.stdout.write(JSON.stringify(opened));
