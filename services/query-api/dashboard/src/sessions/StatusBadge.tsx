import type { SessionStatus } from "../api/types";
import "./status-badge.css";

export function StatusBadge({ status }: { status: SessionStatus }) {
  return (
    <span className={`badge badge-${status}`} data-testid="status">
      {status === "active" ? "Active" : "Completed"}
    </span>
  );
}
