// Clicks on a session of the dashboard and on a bare page's button in turn, until the first frame of the recording is
// painted; seeks in the long session; adds up what the dashboard loads before a replay is opened.
//
//   node open_replay.mjs CHROMIUM TOKEN DASHBOARD BARE ASKED
//
// ASKED is JSON: {connection, sessions: [id…], long: {session, length_ms, part}, turns, seeks}. Prints JSON:
// {clicks: [{dashboard, at_once, bare}…], seeks: [ms…, 60000 where it was not painted by then], loaded: {bytes, files: {name: bytes}}}; bytes are those of gzip.
/* global document, getComputedStyle, requestAnimationFrame, addEventListener, removeEventListener */
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const [executablePath, token, dashboard, bare, asked] = process.argv.slice(2);
const { connection, sessions, long, turns, seeks } = JSON.parse(asked);
const VIEWPORT = { width: 1440, height: 900 };
const LIMIT_MS = 60_000;
const QUIET_MS = 700;
/** A hand takes longer from coming onto a row to pressing it. */
const REST_MS = 150;

const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
});

/** Runs in the page: from the event on, until a frame was painted in which the recording looks as wanted. */
const painted = ({ event, part }) => {
    const shown = () => {
        const frame = document.querySelector(".replayer-wrapper iframe");
        const page = frame?.contentDocument;
        if (!page?.body || page.body.childElementCount === 0) return false;
        const box = frame.getBoundingClientRect();
        if (box.width === 0 || getComputedStyle(frame).visibility !== "visible") return false;
        return part === null || Math.abs(Number(page.documentElement.dataset.part) - part) <= 1;
    };
    const afterPaint = (then) => {
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = then;
            port2.postMessage(null);
        });
    };
    globalThis.painted = new Promise((resolve) => {
        const begin = (happened) => {
            removeEventListener(event, begin, true);
            const look = () => {
                if (shown()) afterPaint(() => resolve(performance.now() - happened.timeStamp));
                else requestAnimationFrame(look);
            };
            look();
        };
        addEventListener(event, begin, true);
    });
};

async function timed(page, what, act) {
    await page.evaluate(painted, what);
    await act();
    const late = new Promise((_, reject) => {
        const told = `${page.url()}: no frame within ${LIMIT_MS} ms`;
        setTimeout(() => reject(new Error(told)), LIMIT_MS).unref();
    });
    return Promise.race([page.evaluate(() => globalThis.painted), late]);
}

async function withPage(use) {
    const context = await browser.newContext({ viewport: VIEWPORT });
    try {
        return await use(await context.newPage());
    } finally {
        await context.close();
    }
}

const list = `${dashboard}/?connection=${connection}&status=completed#token=${token}`;

const clickInDashboard = (session, restMs) =>
    withPage(async (page) => {
        await page.goto(list);
        const row = page.locator(`[data-session-id="${session}"]`);
        await row.waitFor({ timeout: LIMIT_MS });
        // What the page still does for itself is not the click's.
        await page.waitForTimeout(QUIET_MS);
        if (restMs > 0) {
            await row.hover();
            await page.waitForTimeout(restMs);
        }
        return timed(page, { event: "click", part: null }, () => row.click());
    });

const clickOnBarePage = (session) =>
    withPage(async (page) => {
        await page.goto(`${bare}/bare.html?session=${session}`);
        const button = page.locator("#open:enabled");
        await button.waitFor({ timeout: LIMIT_MS });
        await page.waitForTimeout(QUIET_MS);
        return timed(page, { event: "click", part: null }, () => button.click());
    });

const seekToTheMiddle = () =>
    withPage(async (page) => {
        await page.goto(`${dashboard}/sessions/${long.session}?connection=${connection}#token=${token}`);
        const scrubber = page.getByTestId("scrubber");
        // As soon as it reaches to the session's end.
        await page.waitForFunction(
            (least) => Number(document.querySelector("[data-testid=scrubber]:enabled")?.max) >= least,
            0.98 * long.length_ms,
            { timeout: LIMIT_MS },
        );
        await page.waitForTimeout(QUIET_MS);
        const middle = Math.round(long.length_ms / 2);
        return timed(page, { event: "input", part: long.part }, () => scrubber.fill(String(middle)));
    });

const loaded = await withPage(async (page) => {
    const files = {};
    const taken = [];
    page.on("response", (response) => {
        const { pathname } = new URL(response.url());
        if (pathname.startsWith("/v1/") || response.status() !== 200) return;
        taken.push(
            response.body().then((body) => {
                files[pathname] = gzipSync(body).length;
            }),
        );
    });
    await page.goto(list);
    await page.locator(`[data-session-id="${sessions[0]}"]`).waitFor({ timeout: LIMIT_MS });
    await page.waitForTimeout(2 * QUIET_MS);
    await Promise.all(taken);
    return { bytes: Object.values(files).reduce((sum, bytes) => sum + bytes, 0), files };
});

const clicks = [];
for (let turn = 0; turn <= turns; turn++) {
    const session = sessions[turn % sessions.length];
    const found = {};
    // Another one first each time, so that none always has the warmer browser.
    const clicked = {
        dashboard: () => clickInDashboard(session, REST_MS),
        bare: () => clickOnBarePage(session),
        at_once: () => clickInDashboard(session, 0),
    };
    const names = Object.keys(clicked);
    for (let place = 0; place < names.length; place++) {
        const which = names[(turn + place) % names.length];
        found[which] = await clicked[which]();
    }
    // The first turn is for warming up.
    if (turn > 0) clicks.push(found);
}
const sought = [];
for (let turn = 0; turn < seeks; turn++) {
    try {
        sought.push(await seekToTheMiddle());
    } catch (error) {
        // That is a figure, too: not within the limit.
        process.stderr.write(`  a seek: ${error.message.split("\n")[0]}\n`);
        sought.push(LIMIT_MS);
    }
}
await browser.close();
process.stdout.write(JSON.stringify({ clicks, seeks: sought, loaded }));
