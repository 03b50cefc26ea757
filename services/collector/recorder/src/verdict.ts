// What an answer of the collector means for the batch (design.md section 4). Pure.

export type Verdict =
  | { kind: "accepted" }
  /** Send it again with the same seq. The collector may have it all the same, or certainly has not. */
  | { kind: "retry"; askedMs: number | null; maybeTaken: boolean }
  /** No network, or nobody there: send it again. */
  | { kind: "unreachable" }
  /** Its halves may be taken. */
  | { kind: "too_large" }
  /** This batch will never be taken; the next may be. */
  | { kind: "batch_refused"; status: number }
  /** Nothing of this connection will be taken. */
  | { kind: "connection_refused"; status: number };

export function verdictOf(status: number, askedMs: number | null): Verdict {
  switch (status) {
    case 202:
      return { kind: "accepted" };
    case 413:
      return { kind: "too_large" };
    case 400:
    case 415:
      return { kind: "batch_refused", status };
    case 401:
    case 403:
      return { kind: "connection_refused", status };
    case 408:
    case 429:
      // Refused before anything was written.
      return { kind: "retry", askedMs, maybeTaken: false };
    default:
      // 5xx; also a captive portal's 200 and a proxy's 404, which are not the collector speaking.
      return { kind: "retry", askedMs, maybeTaken: true };
  }
}
