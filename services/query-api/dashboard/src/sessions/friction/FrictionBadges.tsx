// The friction of one session: rage clicks, errors, dead clicks, quick backs.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { asProblem } from "../../api/problem";
import type { Session } from "../../api/types";
import { bigCount } from "../../format/number";
import { BackIcon, DeadIcon, ErrorIcon, RageIcon } from "../../icons";
import "./friction-badges.css";
import { frictionQuery } from "./frictionQuery";
import { type SignalKind, signalsOf } from "./signals";

const SIGNS: Record<SignalKind, ReactNode> = {
  rage: <RageIcon />,
  error: <ErrorIcon />,
  dead: <DeadIcon />,
  back: <BackIcon />,
};

export function FrictionBadges({ session }: { session: Session }) {
  const { data, error } = useQuery(frictionQuery(session));
  if (data === undefined || data === null) {
    if (error === null) return null;
    return (
      <span className="friction-unknown" title={`Friction is not known: ${asProblem(error).message}`}>
        <span aria-hidden="true">–</span>
        <span className="unseen">Friction is not known</span>
      </span>
    );
  }
  return (
    <span className="friction" data-testid="friction">
      {signalsOf(data).map(({ kind, count, words }) => (
        <span key={kind} className={`signal signal-${kind}`} title={words} data-testid={`friction-${kind}`}>
          {SIGNS[kind]}
          <span aria-hidden="true">{bigCount(count)}</span>
          <span className="unseen">{words}, </span>
        </span>
      ))}
    </span>
  );
}
