// Puts a policy of its own on the frame in which a recorded page is drawn. The frame is script-less by its sandbox and
// inherits the policy of the page around it; but that page may ask its own server, and a recorded page has no business
// there either.
import type { RecordedResources } from "./resources";

/** The Content-Security-Policy of a recorded page. */
export function policyOfRecordedPage(resources: RecordedResources): string {
  const elsewhere = resources === "allow" ? "https: http: " : "";
  return [
    "default-src 'none'",
    `style-src 'unsafe-inline' ${elsewhere}data: blob:`,
    `img-src ${elsewhere}data: blob:`,
    `font-src ${elsewhere}data: blob:`,
    `media-src ${elsewhere}data: blob:`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/**
 * To be called before the frame is drawn into. The policy belongs to the frame and not to the document in it: it
 * stays when rrweb opens that document anew for each full snapshot, and frames inside of it inherit it.
 *
 * @throws Error where the frame is not in a document
 */
export function holdIn(frame: HTMLIFrameElement, resources: RecordedResources): void {
  const page = frame.contentDocument;
  if (page === null) throw new Error("The frame has no document yet.");
  const policy = page.createElement("meta");
  policy.setAttribute("http-equiv", "Content-Security-Policy");
  policy.setAttribute("content", policyOfRecordedPage(resources));
  page.head.append(policy);
}
