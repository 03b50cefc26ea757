// The page with a connection's totals and sessions.
import { useQuery } from "@tanstack/react-query";
import { memo, useEffect } from "react";
import type { Address } from "../address/address";
import type { Navigation } from "../address/useAddress";
import { asProblem } from "../api/problem";
import { connectionsQuery } from "../api/queries";
import type { Account, Connection } from "../api/types";
import { Activity } from "../activity/Activity";
import { FilterBar } from "../filters/FilterBar";
import { NO_FILTERS } from "../filters/filters";
import { IgnoredNotice } from "../filters/IgnoredNotice";
import { useInSteps } from "../useInSteps";
import { ProblemNotice } from "../problem/ProblemNotice";
import { SessionList } from "./SessionList";
import { Tiles } from "./Tiles";
import { TopBar } from "./TopBar";
import "./sessions-page.css";

interface Props
  extends
    Pick<Navigation, "ignored" | "filter" | "settle" | "openSession">,
    Pick<Address, "connection" | "filters" | "order"> {
  account: Account;
}

/** Not drawn again while a replay is opened over it, so that the replay is there the sooner. */
export const SessionsPage = memo(function SessionsPage(props: Props) {
  const { account, connection, filters, order, ignored, filter, settle, openSession } = props;
  const { data: connections, error, refetch } = useQuery(connectionsQuery);
  const chosen = choose(connections ?? [], connection);
  const drawn = useInSteps(connections !== undefined);
  useTitle(chosen);

  const body = () => {
    if (connections === undefined || !drawn) {
      return error === null ? (
        <p className="notice" role="status">
          Loading connections
        </p>
      ) : (
        <ProblemNotice problem={asProblem(error)} retry={() => void refetch()} />
      );
    }
    if (chosen === null) return <NoConnection asked={connection} any={connections.length > 0} />;
    return (
      <>
        <h1>Sessions</h1>
        <IgnoredNotice ignored={ignored} settle={settle} />
        <FilterBar
          filters={filters}
          order={order}
          change={(next) => {
            filter({ filters: next });
          }}
          sort={(next) => {
            filter({ order: next });
          }}
        />
        <Tiles connection={chosen.id} filters={filters} />
        <Activity
          key={`activity of ${chosen.id}`}
          connection={chosen.id}
          filters={filters}
          show={(time) => {
            filter({ filters: { ...filters, time } });
          }}
        />
        <SessionList
          key={chosen.id}
          connection={chosen.id}
          filters={filters}
          order={order}
          clear={() => {
            filter({ filters: NO_FILTERS });
          }}
          open={openSession}
        />
      </>
    );
  };

  return (
    <>
      <TopBar
        account={account}
        connections={connections ?? []}
        chosen={chosen}
        choose={(other) => {
          filter({ connection: other });
        }}
      />
      <main className="sessions-page">{body()}</main>
    </>
  );
});

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
