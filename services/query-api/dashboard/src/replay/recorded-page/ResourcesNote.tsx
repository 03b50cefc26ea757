// Says whether the recorded site's own pictures, fonts and media are loaded: without it a page that looks bare would
// look as if the visitor had seen it so.
import { recordedResources } from "./resources";
import "./resources-note.css";

const WORDS = {
  block: {
    said: "Pictures and fonts of the site are not loaded",
    more:
      "Nobody but this server is contacted. What the recording itself holds is shown; pictures, fonts, media and " +
      "style sheets that the site has elsewhere stay empty. An operator may allow them: recorded_resources.",
  },
  allow: {
    said: "Pictures and fonts are loaded from the site",
    more:
      "They may have changed since, and the site's hosts see a request from your browser. An operator may block " +
      "them: recorded_resources.",
  },
} as const;

export function ResourcesNote() {
  const resources = recordedResources();
  const { said, more } = WORDS[resources];
  return (
    <p className="resources-note" data-testid="recorded-resources" data-resources={resources} title={more}>
      {said}
    </p>
  );
}
