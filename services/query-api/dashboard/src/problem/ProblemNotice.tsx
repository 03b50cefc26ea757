// A call that failed, where its answer would have been shown.
import type { Problem } from "../api/problem";

interface Props {
  problem: Problem;
  retry?: () => void;
}

export function ProblemNotice({ problem, retry }: Props) {
  return (
    <div className="notice" id="replay-notice" role="alert" data-testid="problem">
      <p className="notice-title">{problem.message}</p>
      {problem.detail !== "" && <p>{problem.detail}</p>}
      {retry !== undefined && problem.passing && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
