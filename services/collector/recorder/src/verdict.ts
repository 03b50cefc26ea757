// What an answer of the collector means for the batch (design.md section 4). Pure.

export type Verdict =
  | { kind: "accepted" }
  /** Send it again with the same seq. */
  | { kind: "retry"; askedMs: number | null }
  /** This batch will never be taken; the next may be. */
  | { kind: "batch_refused"; status: number }
  /** Nothing of this connection will be taken. */
  | { kind: "connection_refused"; status: number };

export function verdictOf(status: number, askedMs: number | null): Verdict {
  switch (status) {
    case 202:
      return { kind: "accepted" };
    case 400:
    case 413:
    case 415:
      return { kind: "batch_refused", status };
    case 401:
    case 403:
      return { kind: "connection_refused", status };
    default:
      // 408, 429, 5xx; also a captive portal's 200 and a proxy's 404, which are not the collector speaking.
      return { kind: "retry", askedMs };
  }
}
