// What a developer does with the TypeScript client, against the API and token of the command line; says what it found.
import { playhead } from "../../../clients/typescript/client.js";

declare const process: { argv: string[]; stdout: { write(text: string): void } };

const [baseUrl = "", token = ""] = process.argv.slice(2);
const api = playhead(baseUrl, token);
const path = { connection_id: "shop" };

const listed: string[] = [];
let cursor: string | undefined;
do {
  const { data, error } = await api.GET("/v1/connections/{connection_id}/sessions", {
    params: { path, query: { browser: ["Firefox", "Chrome"], min_events: 5, limit: 2, cursor } },
  });
  if (error) throw new Error(error.detail);
  listed.push(...data.sessions.map((session) => session.session_id));
  cursor = data.next_cursor ?? undefined;
} while (cursor);

const [first = ""] = listed;
const session = { path: { session_id: first } };
const stats = await api.GET("/v1/connections/{connection_id}/sessions/stats", {
  params: { path, query: { min_events: 5 } },
});
const friction = await api.GET("/v1/connections/{connection_id}/sessions/friction", {
  params: { path, query: { session: listed } },
});
const events = await api.GET("/v1/sessions/{session_id}/events", { params: session });
const timeline = await api.GET("/v1/sessions/{session_id}/timeline", { params: session });
const unknown = await api.GET("/v1/sessions/{session_id}", { params: { path: { session_id: "none" } } });

process.stdout.write(
  JSON.stringify({
    listed,
    total: stats.data?.total,
    friction: friction.data?.sessions.map((each) => each.session_id),
    events: events.data?.events.map((event) => event.timestamp),
    timeline: timeline.data?.items.map((item) => item.kind),
    problem: [unknown.error?.status, unknown.error?.reason],
  }),
);
