// Signs in with the token that the address brought, once, before anything is asked for.
import { useQuery } from "@tanstack/react-query";
import { signIn } from "../api/client";
import { asProblem, type Problem } from "../api/problem";

export function useTokenFromAddress(token: string | null): { settled: boolean; problem: Problem | null } {
  const attempt = useQuery({
    queryKey: ["sign-in from address"],
    queryFn: async () => {
      if (token !== null) await signIn(token);
      return true;
    },
    enabled: token !== null,
    staleTime: Infinity,
    gcTime: Infinity,
  });
  return {
    settled: token === null || !attempt.isPending,
    problem: attempt.error === null ? null : asProblem(attempt.error),
  };
}
