// The answers of the query API by the names that the dashboard uses. The shapes come from its OpenAPI document;
// times are ms since the epoch, durations ms, sizes bytes.
import type { eventWithTime } from "@rrweb/types";
import type { components, operations } from "./schema.generated";

type Schemas = components["schemas"];

export type Account = Schemas["Me"];
export type Connection = Schemas["Connection"];
export type Session = Schemas["Session"];
export type SessionDetail = Schemas["SessionWithWindows"];
export type SessionWindow = Schemas["Window"];
export type SessionPage = Schemas["Sessions"];
export type SessionStats = Schemas["Stats"];
export type ActivitySeries = Schemas["Activity"];
export type ActivityBucket = Schemas["ActivityBucket"];
export type BucketLength = ActivitySeries["bucket"];
export type SessionStatus = Session["status"];
export type Timeline = Schemas["Timeline"];
export type TimelineItem = Schemas["Item"];
export type Share = Schemas["Share"];
export type MadeShare = Schemas["MadeShare"];
export type CompletionReason = NonNullable<Session["completion_reason"]>;

/** What may be asked of the list, and of its totals. */
export type SessionsAsked = NonNullable<operations["list_sessions"]["parameters"]["query"]>;
export type StatsAsked = NonNullable<operations["stats"]["parameters"]["query"]>;

/** What went wrong for a visitor, as counts. */
export type SessionFriction = Schemas["SessionFriction"];

/** The document knows of an event what every event has; its data is rrweb's. */
export type EventPage = Omit<Schemas["Events"], "events"> & { events: eventWithTime[] };
