// The session as a file.
import { part } from "../api/addresses";

const FORMS: { form: string; name: string; says: string }[] = [
  { form: "html", name: "HTML", says: "A page that plays by itself, also offline" },
  { form: "json", name: "JSON", says: "The events as rrweb-player takes them" },
  { form: "ndjson", name: "NDJSON", says: "The events, one a line" },
];

export function Downloads({ session, window }: { session: string; window: string | null }) {
  const windowAsked = window === null ? "" : `&window=${part(window)}`;
  return (
    <span className="info-downloads">
      {FORMS.map(({ form, name, says }) => (
        <a
          key={form}
          className="button"
          data-testid={`download-${form}`}
          href={`/v1/sessions/${part(session)}/export?form=${form}${windowAsked}`}
          title={says}
          download
        >
          {name}
        </a>
      ))}
    </span>
  );
}
