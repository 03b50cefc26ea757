// Asks for a token and turns it into the session cookie.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { signIn } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { Brand } from "../Brand";
import "./sign-in.css";

export function SignIn({ problem: earlier }: { problem: Problem | null }) {
  const client = useQueryClient();
  const [token, setToken] = useState("");
  const attempt = useMutation({
    mutationFn: signIn,
    // Everything is asked anew: another tenant may have been signed in before.
    onSuccess: () => client.resetQueries(),
  });
  const problem = attempt.error === null ? (attempt.isIdle ? earlier : null) : asProblem(attempt.error);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    attempt.mutate(token.trim());
  };
  return (
    <main className="whole">
      <form className="sign-in" onSubmit={submit} data-testid="sign-in">
        <Brand />
        <h1>Sign in</h1>
        <p>Paste your access token. It is kept in a cookie that scripts cannot read.</p>
        <label htmlFor="token">Token</label>
        <input
          id="token"
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          required
          value={token}
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : "sign-in-problem"}
          onChange={(event) => {
            setToken(event.target.value);
          }}
        />
        {problem !== null && (
          <p className="sign-in-problem" id="sign-in-problem" role="alert">
            {problem.signedOut ? "This token is not known. Check it, or ask for a new one." : problem.message}
          </p>
        )}
        <button type="submit" className="button primary" disabled={attempt.isPending || token.trim() === ""}>
          {attempt.isPending ? "Signing in" : "Sign in"}
        </button>
      </form>
    </main>
  );
}
