// Many questions about one id each become few about many: what is asked within a moment goes out together.

/** Asks for all the ids; what it does not answer about is not there. */
export type AskMany<Answer> = (ids: string[], signal: AbortSignal) => Promise<Map<string, Answer>>;

interface Limits {
  /** How long the first question waits for others. */
  waitMs: number;
  /** Most ids in one request. */
  most: number;
}

interface Question<Answer> {
  id: string;
  signal: AbortSignal;
  resolve: (answer: Answer | null) => void;
  reject: (reason: unknown) => void;
}

/** A question that was taken back before its request went out is not asked; a request of which all were is ended. */
export function batched<Answer>(
  ask: AskMany<Answer>,
  { waitMs, most }: Limits,
): (id: string, signal: AbortSignal) => Promise<Answer | null> {
  let open: Question<Answer>[] = [];

  const send = async (questions: Question<Answer>[]): Promise<void> => {
    const ending = new AbortController();
    for (const { signal } of questions) {
      signal.addEventListener("abort", () => {
        if (questions.every((question) => question.signal.aborted)) ending.abort();
      });
    }
    try {
      const answers = await ask([...new Set(questions.map(({ id }) => id))], ending.signal);
      for (const { id, resolve } of questions) resolve(answers.get(id) ?? null);
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
  };

  const flush = (): void => {
    const questions = open.filter(({ signal }) => !signal.aborted);
    open = [];
    for (let first = 0; first < questions.length; first += most) {
      void send(questions.slice(first, first + most));
    }
  };

  return (id, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
      if (open.length === 0) setTimeout(flush, waitMs);
      open.push({ id, signal, resolve, reject });
    });
}
