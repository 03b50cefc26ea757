// The page with a connection's totals and sessions.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Address } from "../address/address";
import type { Navigation } from "../address/useAddress";
import { asProblem } from "../api/problem";
import { connectionsQuery } from "../api/queries";
import type { Account, Connection } from "../api/types";
import { ProblemNotice } from "../problem/ProblemNotice";
import { SessionList } from "./SessionList";
import { StatusFilter } from "./StatusFilter";
import { Tiles } from "./Tiles";
import { TopBar } from "./TopBar";
import "./sessions-page.css";

interface Props extends Pick<Navigation, "filter" | "openSession"> {
  account: Account;
  address: Address;
}

export function SessionsPage({ account, address, filter, openSession }: Props) {
  const { data: connections, error, refetch } = useQuery(connectionsQuery);
  const chosen = choose(connections ?? [], address.connection);
  useTitle(chosen);

  const body = () => {
    if (connections === undefined) {
      return error === null ? (
        <p className="notice" role="status">
          Loading connections
        </p>
      ) : (
        <ProblemNotice problem={asProblem(error)} retry={() => void refetch()} />
      );
    }
    if (chosen === null) return <NoConnection asked={address.connection} any={connections.length > 0} />;
    return (
      <>
        <Tiles connection={chosen.id} />
        <div className="sessions-head">
          <h1>Sessions</h1>
          <StatusFilter
            chosen={address.status}
            choose={(status) => {
              filter({ status });
            }}
          />
        </div>
        <SessionList key={chosen.id} connection={chosen.id} status={address.status} open={openSession} />
      </>
    );
  };

  return (
    <>
      <TopBar
        account={account}
        connections={connections ?? []}
        chosen={chosen}
        choose={(connection) => {
          filter({ connection });
        }}
      />
      <main className="sessions-page">{body()}</main>
    </>
  );
}

/** The connection that the address names; without a name the tenant's first. */
function choose(connections: Connection[], asked: string | null): Connection | null {
  if (asked === null) return connections[0] ?? null;
  return connections.find((connection) => connection.id === asked) ?? null;
}

function NoConnection({ asked, any }: { asked: string | null; any: boolean }) {
  return (
    <div className="notice empty" data-testid="no-connection">
      <p className="notice-title">{any ? `There is no connection “${asked ?? ""}”` : "No connections yet"}</p>
      <p>
        {any
          ? "It may belong to another tenant, or have been removed. Choose another one above."
          : "A connection is one installation of the recorder. Once your tenant has one, its sessions appear here."}
      </p>
    </div>
  );
}

function useTitle(connection: Connection | null): void {
  const title = connection === null ? "Playhead" : `${connection.name} · Playhead`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
