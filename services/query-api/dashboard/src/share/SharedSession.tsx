// One session, for who has a link to it: its replay and nothing behind it. Nobody is signed in by it.
import { lazy, Suspense } from "react";
import { useAddress } from "../address/useAddress";
import { Failsafe } from "../problem/Failsafe";

const Replay = lazy(() => import("../replay/Replay"));

export function SharedSession() {
  const { address, showWindow, showSession } = useAddress();
  if (address.session === null) {
    return (
      <main className="whole">
        <p className="notice" role="alert">
          This link names no session
        </p>
      </main>
    );
  }
  return (
    <Failsafe of={address.session} close={null}>
      <Suspense fallback={null}>
        <Replay
          session={address.session}
          window={address.window}
          at={address.at}
          account={null}
          list={null}
          close={null}
          showWindow={showWindow}
          showSession={showSession}
        />
      </Suspense>
    </Failsafe>
  );
}
