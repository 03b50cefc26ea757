// Makes a link that opens this session at this moment without a token, and takes links back.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { asProblem } from "../api/problem";
import type { Account, Session, Share } from "../api/types";
import { CopyButton } from "../copy/CopyButton";
import { copyText } from "../copy/copyText";
import { exactTime, position } from "../format/time";
import { Modal } from "../modal/Modal";
import { colleagueLink, type SharedMoment, shareLink } from "./link";
import "./share-dialog.css";
import { makeShare, revokeShare, sharesQuery } from "./shares";

interface Props {
  session: Pick<Session, "session_id" | "connection_id">;
  /** What the replay showed when sharing was asked for; null when it showed nothing. */
  moment: (SharedMoment & { positionMs: number }) | null;
  account: Account;
  close: () => void;
}

const VALID_FOR: { hours: number; name: string }[] = [
  { hours: 24, name: "1 day" },
  { hours: 7 * 24, name: "7 days" },
  { hours: 30 * 24, name: "30 days" },
  { hours: 90 * 24, name: "90 days" },
];

export function ShareDialog({ session, moment, account, close }: Props) {
  const [atMoment, setAtMoment] = useState(moment !== null);
  const shared = atMoment ? moment : null;
  return (
    <Modal title="Share this session" testId="share-dialog" close={close}>
      {moment !== null && (
        <label className="check">
          <input
            type="checkbox"
            data-testid="share-at"
            checked={atMoment}
            onChange={(event) => {
              setAtMoment(event.target.checked);
            }}
          />
          Start at {position(moment.positionMs)}
        </label>
      )}
      {account.role === "admin" ? (
        <NewLink key={String(atMoment)} session={session.session_id} moment={shared} />
      ) : (
        <p className="share-why" data-testid="share-why-not">
          You cannot make a link for people without a token: that is an admin’s to decide, and {account.name}{" "}
          is a reader.
        </p>
      )}
      <h3>For people with a token</h3>
      <LinkField
        name="Address of this replay"
        testId="colleague-link"
        link={colleagueLink(session, shared, window.location.origin)}
      />
      <Links session={session.session_id} mayRevoke={account.role === "admin"} />
    </Modal>
  );
}

function NewLink({ session, moment }: { session: string; moment: SharedMoment | null }) {
  const client = useQueryClient();
  const [hours, setHours] = useState(7 * 24);
  const [copied, setCopied] = useState(false);
  const making = useMutation({
    mutationFn: () => makeShare(session, { valid_for_hours: hours, at: moment?.at ?? null }),
    onSuccess: async (made) => {
      setCopied(await copyText(linkOf(made.path)));
      await client.invalidateQueries({ queryKey: sharesQuery(session).queryKey });
    },
  });
  const linkOf = (path: string) => shareLink(path, window.location.origin, moment?.window ?? null);
  const { data: made, error, isPending } = making;
  return (
    <>
      <div className="share-new">
        <label>
          Opens for{" "}
          <select
            data-testid="share-valid-for"
            value={hours}
            onChange={(event) => {
              setHours(Number(event.target.value));
            }}
          >
            {VALID_FOR.map((each) => (
              <option key={each.hours} value={each.hours}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          className="button primary"
          data-testid="share-make"
          disabled={isPending}
          onClick={() => {
            making.mutate();
          }}
        >
          {isPending ? "Making the link" : "Make a link and copy it"}
        </button>
      </div>
      <p className="share-more">Whoever has the link can watch this session, and nothing else.</p>
      {error !== null && (
        <p role="alert" className="share-problem" data-testid="share-problem">
          {asProblem(error).message}. {asProblem(error).detail}
        </p>
      )}
      {made !== undefined && (
        <div data-testid="share-made">
          <LinkField name="Link" testId="share-link" link={linkOf(made.path)} />
          <p role="status" data-testid="share-expiry">
            {copied ? "Copied. " : "The browser refused to copy it; copy it from the field. "}
            It opens until {exactTime(made.expires_at)}, and is shown only now.
          </p>
        </div>
      )}
    </>
  );
}

function LinkField({ name, testId, link }: { name: string; testId: string; link: string }) {
  const id = useId();
  return (
    <div className="share-link">
      <label className="unseen" htmlFor={id}>
        {name}
      </label>
      <input
        id={id}
        type="text"
        readOnly
        data-testid={testId}
        value={link}
        onFocus={(event) => {
          event.target.select();
        }}
      />
      <CopyButton text={link} what={name.toLowerCase()} />
    </div>
  );
}

function Links({ session, mayRevoke }: { session: string; mayRevoke: boolean }) {
  const client = useQueryClient();
  const query = sharesQuery(session);
  const { data, error } = useQuery(query);
  const revoking = useMutation({
    mutationFn: (share: string) => revokeShare(session, share),
    onSettled: () => client.invalidateQueries({ queryKey: query.queryKey }),
  });
  const problem = revoking.error ?? error;
  return (
    <>
      <h3>Links that open it now</h3>
      {problem !== null && (
        <p role="alert" className="share-problem">
          {asProblem(problem).message}
        </p>
      )}
      {data?.length === 0 && <p className="share-more">There are none.</p>}
      <ul className="shares" aria-label="Links that open this session">
        {data?.map((share) => (
          <li key={share.share_id} data-testid="share" data-share-id={share.share_id}>
            <ShareWords share={share} />
            {mayRevoke && (
              <button
                type="button"
                className="button"
                data-testid="share-revoke"
                aria-label={`Revoke the link made by ${share.created_by}, ${exactTime(share.created_at)}`}
                disabled={revoking.isPending}
                onClick={() => {
                  revoking.mutate(share.share_id);
                }}
              >
                Revoke
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function ShareWords({ share }: { share: Share }) {
  return (
    <span>
      Made by {share.created_by}, {exactTime(share.created_at)}
      <span className="share-more">Opens until {exactTime(share.expires_at)}</span>
    </span>
  );
}
