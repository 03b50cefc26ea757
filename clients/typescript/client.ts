// A typed client of the query API: every call of its OpenAPI document, checked by the compiler.
import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./schema.generated.js";

export type Problem = components["schemas"]["Problem"];

/** What a call is answered with; events as NDJSON or as a stream are for `fetch` and EventSource. */
type Json = "application/json" | "application/problem+json";

/** `token`: a token of the tokens file, or a JWT of the company's own sign-on. */
export function playhead(baseUrl: string, token: string): Client<paths, Json> {
  return createClient<paths, Json>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
}
