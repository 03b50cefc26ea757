// Serves the built dashboard with a query API that exists only in this process, for looking at the pages without the
// stack: `node dev/mock.mjs` (PORT=4173), token "demo". Sessions are made from examples/recordings; one of them grows,
// one becomes playable after half a minute, and /v1/… answers slowly with SLOW_MS=… or not at all with DOWN=1.
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { gunzipSync } from "node:zlib";

const here = import.meta.dirname;
const dist = join(here, "../dist");
const recordings = join(here, "../../../../examples/recordings");
const port = Number(process.env.PORT ?? 4173);
const slowMs = Number(process.env.SLOW_MS ?? 0);
const startedAt = Date.now();

const CSP = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' data: blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
].join("; ");

const AGENTS = [
    [
        "Chrome 140",
        "Windows 11",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    ],
    [
        "Safari 18.3",
        "macOS 15",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.3 Safari/605.1.15",
    ],
    [
        "Firefox 143",
        "Ubuntu",
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    ],
    [
        "Mobile Safari 18.3",
        "iOS 18",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    ],
];

const files = readdirSync(recordings)
    .filter((name) => name.endsWith(".jsonl.gz"))
    .sort()
    .map((name) =>
        gunzipSync(readFileSync(join(recordings, name)))
            .toString()
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line)),
    );

const id = (n) =>
    `0199ab${String(n).padStart(2, "0")}-7c3e-7d21-9b4a-${(0x51f3a2b4c000 + n * 7919).toString(16)}`;

/** The sessions as they are at `now`: a recording's events moved so that it began `ago` ms before the start. */
function sessionAt(n, now) {
    const events = files[n % files.length];
    const kind =
        n === 0 ? "growing" : n === 1 ? "waiting" : n === 2 ? "active" : n === 9 ? "lost" : "completed";
    const ago = kind === "growing" ? 20_000 : kind === "waiting" ? 8_000 : n ** 3 * 45_000;
    const shift = startedAt - ago - events[0].timestamp;
    const landed = kind === "growing" ? events.filter((event) => event.timestamp + shift <= now) : events;
    const playable = kind === "waiting" ? now - startedAt > 30_000 : kind !== "lost";
    const moved = landed.map((event) => ({ ...event, timestamp: event.timestamp + shift }));
    const shown = playable ? moved : moved.slice(0, 1);
    const twoWindows = n === 4;
    const half = twoWindows ? Math.floor(shown.length / 2) : shown.length;
    const windows = [
        ["w1", shown.slice(0, half)],
        [
            "w2",
            twoWindows
                ? files[(n + 1) % files.length].map((e) => ({ ...e, timestamp: e.timestamp + shift }))
                : [],
        ],
    ]
        .filter(([, part]) => part.length > 0)
        .map(([window_id, part]) => ({ window_id, part }));
    const [browser, os, user_agent] = AGENTS[n % AGENTS.length];
    const active = ["growing", "waiting", "active"].includes(kind);
    const last = shown.at(-1).timestamp;
    return {
        parts: windows,
        detail: {
            session_id: id(n),
            connection_id: "demo-shop",
            visitor_id: `v-${(n * 48271 + 11).toString(36)}`,
            started_at: shown[0].timestamp,
            first_event_at: shown[0].timestamp,
            last_event_at: last,
            duration_ms: last - shown[0].timestamp,
            status: active ? "active" : "completed",
            completed_at: active ? null : last + 1_800_000,
            completion_reason: active ? null : n % 3 === 0 ? "ended" : "inactivity",
            landing_url: events[0].data.href.replace(
                "127.0.0.1:8099/startbootstrap-sb-admin-2",
                "shop.example",
            ),
            user_agent,
            browser,
            os,
            device: "Other",
            country: "AT",
            events: windows.reduce((sum, { part }) => sum + part.length, 0),
            batches: 12,
            raw_bytes: JSON.stringify(shown).length,
            replayable: playable,
            not_replayable_reason: playable ? null : "no_full_snapshot",
            windows: windows.map(({ window_id, part }) => ({
                playability: playabilityOf(part, playable),
                window_id,
                first_at: part[0].timestamp,
                last_at: part.at(-1).timestamp,
                skew_ms: 0,
                events: part.length,
                batches: 6,
                playable_at: playable ? (part.find((event) => event.type === 2)?.timestamp ?? null) : null,
                missing: 0,
                missing_seqs: [],
                ended: !active,
            })),
        },
    };
}

function playabilityOf(part, playable) {
    const snapshots = part.filter((event) => event.type === 2).map(({ timestamp }) => ({ at: timestamp, seq: 0 }));
    return {
        from_at: playable ? (snapshots[0]?.at ?? null) : null,
        reason: playable && snapshots.length > 0 ? null : "no_full_snapshot",
        full_snapshots: snapshots,
        full_snapshots_in_all: snapshots.length,
    };
}

/** Page views and clicks, as the query API tells them. */
function timelineOf(parts) {
    const item = (window_id, event, more) => ({
        at: event.timestamp,
        until_at: null,
        window_id,
        node_id: null,
        x: null,
        y: null,
        name: null,
        text: null,
        ...more,
    });
    return parts
        .flatMap(({ window_id, part }) =>
            part.flatMap((event) => {
                if (event.type === 4) return item(window_id, event, { kind: "page_view", text: event.data.href });
                const { source, type, x, y } = event.data ?? {};
                return event.type === 3 && source === 2 && type === 2
                    ? item(window_id, event, { kind: "click", x, y })
                    : [];
            }),
        )
        .sort((a, b) => a.at - b.at);
}

const SESSIONS = 14;
const now = () => Date.now();
const list = () => {
    const arrived = Math.min(1, Math.floor((now() - startedAt) / 20_000));
    return Array.from({ length: SESSIONS + arrived }, (_, n) => sessionAt(n, now()))
        .map(({ detail }) => {
            const { windows, ...session } = detail;
            return windows.length > 0 ? session : session;
        })
        .sort((a, b) => b.started_at - a.started_at);
};

const HOUR_MS = 3_600_000;

/** The last day in hours. */
function activityOf(sessions) {
    const last = Math.floor(now() / HOUR_MS) * HOUR_MS;
    const buckets = Array.from({ length: 24 }, (_, n) => {
        const starts_at = last - (23 - n) * HOUR_MS;
        const ends_at = starts_at + HOUR_MS;
        const inside = sessions.filter((s) => starts_at <= s.started_at && s.started_at < ends_at);
        return {
            starts_at,
            ends_at,
            sessions: inside.length,
            active: inside.filter((s) => s.status === "active").length,
            events: inside.reduce((sum, s) => sum + s.events, 0),
        };
    });
    return { bucket: "PT1H", time_zone: "UTC", buckets };
}

const problem = (status, reason, title) => [
    status,
    { type: "about:blank", title, status, detail: "", reason },
];

function answer(path, query, signedIn) {
    if (process.env.DOWN) return problem(503, "storage_unavailable", "The storage cannot be reached");
    if (!signedIn) return problem(401, "unknown_token", "The token is missing or not known");
    if (path === "/v1/me") return [200, { name: "Ada", tenant: "demo", role: "reader" }];
    if (path === "/v1/connections") {
        return [
            200,
            {
                connections: [
                    { id: "demo-shop", name: "Demo shop", created_at: startedAt },
                    { id: "demo-empty", name: "Demo without visitors", created_at: startedAt },
                ],
            },
        ];
    }
    if (path.endsWith("/sessions/friction")) {
        const sessions = query.getAll("session").map((session_id, n) => ({
            session_id,
            rage_clicks: n % 3 === 0 ? n + 1 : 0,
            dead_clicks: n % 4 === 1 ? 2 : 0,
            quick_backs: n % 5 === 3 ? 1 : 0,
            errors: n % 4 === 0 ? 12 * n : 0,
        }));
        return [200, { sessions }];
    }
    const ofConnection = /^\/v1\/connections\/([^/]+)\/sessions(\/stats)?$/.exec(path);
    if (ofConnection) {
        const all = ofConnection[1] === "demo-shop" ? list() : [];
        const active = all.filter((session) => session.status === "active").length;
        if (ofConnection[2]) {
            return [
                200,
                {
                    total: all.length,
                    active,
                    completed: all.length - active,
                    events: all.reduce((sum, s) => sum + s.events, 0),
                    replayable: all.filter((s) => s.replayable).length,
                    median_duration_ms:
                        all.map((s) => s.duration_ms).sort((a, b) => a - b)[(all.length - 1) >> 1] ?? null,
                    activity: activityOf(all),
                },
            ];
        }
        const wanted = all.filter(
            (session) => !query.has("status") || session.status === query.get("status"),
        );
        const from = Number(query.get("cursor") ?? 0);
        const limit = Math.min(10, Number(query.get("limit") ?? 50));
        return [
            200,
            {
                sessions: wanted.slice(from, from + limit),
                next_cursor: from + limit < wanted.length ? String(from + limit) : null,
            },
        ];
    }
    const ofSession = /^\/v1\/sessions\/([^/]+)(\/events|\/timeline|\/shares)?$/.exec(path);
    const n = ofSession ? Array.from({ length: SESSIONS + 1 }, (_, i) => id(i)).indexOf(ofSession[1]) : -1;
    if (n < 0) return problem(404, "not_found", "There is no such session");
    const { detail, parts } = sessionAt(n, now());
    if (!ofSession[2]) return [200, detail];
    if (ofSession[2] === "/timeline") return [200, { items: timelineOf(parts), more: false }];
    if (ofSession[2] === "/shares") return [200, { shares: [] }];
    const part = parts.find(({ window_id }) => window_id === (query.get("window") ?? "w1"))?.part ?? [];
    const from = Number(query.get("cursor") ?? 0);
    const step = 120;
    return [
        200,
        {
            events: part.slice(from, from + step),
            next_cursor: from + step < part.length ? String(from + step) : null,
        },
    ];
}

const TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
};

createServer((request, response) => {
    const url = new URL(request.url ?? "/", `http://127.0.0.1:${port}`);
    const json = (status, body, headers = {}) =>
        setTimeout(
            () =>
                response
                    .writeHead(status, {
                        "content-type": status < 400 ? "application/json" : "application/problem+json",
                        ...headers,
                    })
                    .end(JSON.stringify(body)),
            slowMs,
        );
    if (url.pathname === "/v1/sign-in") {
        let body = "";
        request
            .on("data", (chunk) => (body += chunk))
            .on("end", () => {
                if (JSON.parse(body).token === "demo")
                    response
                        .writeHead(204, {
                            "set-cookie": "playhead_token=demo; HttpOnly; SameSite=Strict; Path=/",
                        })
                        .end();
                else json(...problem(401, "unknown_token", "The token is not known"));
            });
    } else if (url.pathname === "/v1/sign-out") {
        response.writeHead(204, { "set-cookie": "playhead_token=; Max-Age=0; Path=/" }).end();
    } else if (url.pathname.startsWith("/v1/")) {
        json(
            ...answer(
                url.pathname,
                url.searchParams,
                request.headers.cookie?.includes("playhead_token=demo"),
            ),
        );
    } else {
        const asked = join(dist, url.pathname);
        const file =
            asked.startsWith(dist) && extname(asked) !== "" && existsSync(asked)
                ? asked
                : join(dist, "index.html");
        response.writeHead(200, {
            "content-type": TYPES[extname(file)] ?? "application/octet-stream",
            "content-security-policy": CSP,
            "referrer-policy": "no-referrer",
        });
        createReadStream(file).pipe(response);
    }
}).listen(port, "127.0.0.1", () => process.stdout.write(`http://127.0.0.1:${port}/#token=demo\n`));
