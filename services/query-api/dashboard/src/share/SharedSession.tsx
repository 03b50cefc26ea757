// One session, for who has a link to it: its replay and nothing behind it. Nobody is signed in by it.
import { useAddress } from "../address/useAddress";
import { Failsafe } from "../problem/Failsafe";
import { ReplayPlace } from "../replay/ReplayPlace";

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
      <ReplayPlace
        session={address.session}
        window={address.window}
        at={address.at}
        account={null}
        list={null}
        close={null}
        showWindow={showWindow}
        showSession={showSession}
      />
    </Failsafe>
  );
}
