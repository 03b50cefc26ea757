// A refusal of the query API (application/problem+json), or the lack of any answer, as one error type.

/** What a person is told when a call fails. `status` is 0 when no answer came. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly reason: string,
    title: string,
    readonly detail: string,
  ) {
    super(title);
  }

  get signedOut(): boolean {
    return this.status === 401;
  }

  get missing(): boolean {
    return this.status === 404;
  }

  /** Whether the same call may well succeed a moment later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function unreachable(): Problem {
  return new Problem(
    0,
    "unreachable",
    "The query API cannot be reached",
    "It may be starting or restarting.",
  );
}

/** Reads a refusal's body; a proxy in between may have answered with something else than a problem. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string, otherwise: string): string => {
    const value = fields[name];
    return typeof value === "string" && value !== "" ? value : otherwise;
  };
  return new Problem(
    response.status,
    text("reason", "unknown"),
    text("title", `The query API answered ${response.status}`),
    text("detail", ""),
  );
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(-1, "unexpected", "Something in this page went wrong", String(error));
}
