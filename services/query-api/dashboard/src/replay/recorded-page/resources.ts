// The operator's choice about pictures, fonts, media and style sheets of recorded sites, as the server wrote it into
// the page (setting `recorded_resources`). The policy that the page came with holds it; this only says it.

export type RecordedResources = "block" | "allow";

export function recordedResources(page: Document = document): RecordedResources {
  const said = page.querySelector<HTMLMetaElement>('meta[name="playhead-recorded-resources"]')?.content;
  return said === "allow" ? "allow" : "block";
}
