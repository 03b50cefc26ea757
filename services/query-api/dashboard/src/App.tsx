// Signed in or not: the sessions with the replay over them, or the form that asks for a token.
import { useQuery } from "@tanstack/react-query";
import { useAddress } from "./address/useAddress";
import { asProblem } from "./api/problem";
import { accountQuery } from "./api/queries";
import { Failsafe } from "./problem/Failsafe";
import { ProblemNotice } from "./problem/ProblemNotice";
import { ReplayPlace } from "./replay/ReplayPlace";
import { SessionsPage } from "./sessions/SessionsPage";
import { SignIn } from "./sign-in/SignIn";
import { useInSteps } from "./useInSteps";
import { useTokenFromAddress } from "./sign-in/useTokenFromAddress";

export function App({ token }: { token: string | null }) {
  const { settled, problem: tokenProblem } = useTokenFromAddress(token);
  const account = useQuery({ ...accountQuery, enabled: settled });
  const { address, ignored, filter, settle, openSession, showSession, closeSession, showWindow } =
    useAddress();

  const drawn = useInSteps(account.data !== undefined);
  const problem = account.error === null ? null : asProblem(account.error);
  if (problem?.signedOut === true || (tokenProblem !== null && account.data === undefined)) {
    return <SignIn problem={tokenProblem} />;
  }
  if (account.data === undefined || !drawn) {
    return (
      <main className="whole">
        {problem === null ? (
          <p className="notice" role="status">
            Opening Playhead
          </p>
        ) : (
          <ProblemNotice problem={problem} retry={() => void account.refetch()} />
        )}
      </main>
    );
  }
  return (
    <>
      <SessionsPage
        account={account.data}
        connection={address.connection}
        filters={address.filters}
        order={address.order}
        ignored={ignored}
        filter={filter}
        settle={settle}
        openSession={openSession}
      />
      {address.session !== null && (
        <Failsafe of={address.session} close={closeSession}>
          <ReplayPlace
            session={address.session}
            window={address.window}
            at={address.at}
            account={account.data}
            list={{ connection: address.connection, filters: address.filters, order: address.order }}
            close={closeSession}
            showWindow={showWindow}
            showSession={showSession}
          />
        </Failsafe>
      )}
    </>
  );
}
