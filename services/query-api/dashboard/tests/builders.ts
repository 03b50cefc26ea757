// Sessions, windows and events for the tests, with everything at a plain default.
import { EventType, IncrementalSource, NodeType, type eventWithTime } from "@rrweb/types";
import type { Session, SessionDetail, SessionStats, SessionWindow, TimelineItem } from "../src/api/types";

export const T0 = 1_795_500_000_000;

export function aSession(change: Partial<Session> = {}): Session {
  return {
    session_id: "019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55",
    connection_id: "demo-shop",
    visitor_id: "v_8f2k1",
    started_at: T0,
    first_event_at: T0,
    last_event_at: T0 + 61_250,
    duration_ms: 61_250,
    status: "completed",
    completed_at: T0 + 1_861_250,
    completion_reason: "inactivity",
    landing_url: "https://shop.example/cart?step=2",
    user_agent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/143.0.0.0",
    browser: "Chrome 143",
    os: "Linux",
    device: "Other",
    country: "NL",
    events: 1412,
    batches: 21,
    raw_bytes: 1_834_201,
    replayable: true,
    not_replayable_reason: null,
    ...change,
  };
}

export function aWindow(change: Partial<SessionWindow> = {}): SessionWindow {
  return {
    window_id: "w_1",
    first_at: T0,
    last_at: T0 + 61_250,
    skew_ms: 0,
    events: 3,
    batches: 21,
    playable_at: T0,
    missing: 0,
    missing_seqs: [],
    ended: true,
    playability: {
      from_at: T0,
      reason: null,
      full_snapshots: [{ at: T0, seq: 0 }],
      full_snapshots_in_all: 1,
    },
    ...change,
  };
}

export function aDetail(change: Partial<SessionDetail> = {}): SessionDetail {
  return { ...aSession(), windows: [aWindow()], ...change };
}

export function someStats(change: Partial<SessionStats>): SessionStats {
  return {
    total: 0,
    active: 0,
    completed: 0,
    events: 0,
    replayable: 0,
    median_duration_ms: null,
    activity: { bucket: "PT1H", time_zone: "Europe/Vienna", buckets: [] },
    ...change,
  };
}

export function anItem(change: Partial<TimelineItem> & Pick<TimelineItem, "kind">): TimelineItem {
  return {
    at: T0,
    until_at: null,
    window_id: "w_1",
    node_id: null,
    x: null,
    y: null,
    name: null,
    text: null,
    ...change,
  };
}

export const meta = (at: number, href = "https://shop.example/"): eventWithTime => ({
  type: EventType.Meta,
  data: { href, width: 800, height: 600 },
  timestamp: T0 + at,
});

export const fullSnapshot = (at: number): eventWithTime => ({
  type: EventType.FullSnapshot,
  data: {
    node: {
      type: NodeType.Document,
      id: 1,
      childNodes: [
        {
          type: NodeType.Element,
          id: 2,
          tagName: "html",
          attributes: {},
          childNodes: [
            { type: NodeType.Element, id: 3, tagName: "head", attributes: {}, childNodes: [] },
            {
              type: NodeType.Element,
              id: 4,
              tagName: "body",
              attributes: {},
              childNodes: [{ type: NodeType.Text, id: 5, textContent: "Hello" }],
            },
          ],
        },
      ],
    },
    initialOffset: { left: 0, top: 0 },
  },
  timestamp: T0 + at,
});

export const textChange = (at: number, value: string): eventWithTime => ({
  type: EventType.IncrementalSnapshot,
  data: {
    source: IncrementalSource.Mutation,
    texts: [{ id: 5, value }],
    attributes: [],
    removes: [],
    adds: [],
  },
  timestamp: T0 + at,
});

export const adopted = (at: number): eventWithTime => ({
  type: EventType.IncrementalSnapshot,
  data: { source: IncrementalSource.AdoptedStyleSheet, id: 1, styleIds: [1], styles: [] },
  timestamp: T0 + at,
});
