// Where a replay is opened: what is known of its session is asked for while the replay's code is still on its way.
// Not React's lazy: after a fallback, Suspense holds the next thing back for 300 ms.
import { usePrefetchQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { sessionQuery } from "../api/queries";
import type { ReplayProps } from "./Replay";
import { loadedReplay, loadReplay } from "./replayCode";

export function ReplayPlace(props: ReplayProps) {
  usePrefetchQuery(sessionQuery(props.session));
  const [code, setCode] = useState(loadedReplay);
  const [failure, setFailure] = useState<Error | null>(null);
  useEffect(() => {
    if (code !== null) return undefined;
    let here = true;
    loadReplay().then(
      (found) => {
        if (here) setCode(found);
      },
      (error: unknown) => {
        if (here) setFailure(error instanceof Error ? error : new Error(String(error)));
      },
    );
    return () => {
      here = false;
    };
  }, [code]);
  // For the Failsafe around it.
  if (failure !== null) throw failure;
  if (code === null) return null;
  const { default: Replay } = code;
  return <Replay {...props} />;
}
