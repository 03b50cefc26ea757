// Brand, connection picker, and who is signed in.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { signOut } from "../api/client";
import type { Account, Connection } from "../api/types";
import { Brand } from "../Brand";
import { ColoursChoice } from "../style/ColoursChoice";
import { ConnectionPicker } from "./ConnectionPicker";
import "./top-bar.css";

interface Props {
  account: Account;
  connections: Connection[];
  chosen: Connection | null;
  choose: (connection: string) => void;
}

export function TopBar({ account, connections, chosen, choose }: Props) {
  const client = useQueryClient();
  const leaving = useMutation({ mutationFn: signOut, onSuccess: () => client.resetQueries() });
  return (
    <header className="top-bar">
      <Brand />
      {connections.length > 0 && (
        <ConnectionPicker connections={connections} chosen={chosen} choose={choose} />
      )}
      <div className="account">
        <ColoursChoice />
        {leaving.isError && <span role="alert">Signing out failed</span>}
        <span className="account-name" title={`Role: ${account.role}`}>
          {account.name}
          <span className="account-tenant">{account.tenant}</span>
        </span>
        <button
          type="button"
          className="button quiet"
          disabled={leaving.isPending}
          onClick={() => {
            leaving.mutate();
          }}
        >
          Sign out
        </button>
      </div>
    </header>
  );
}
