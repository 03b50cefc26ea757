// Starts the player of an exported file. It stands at the file's end, so all of the recording is there.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { sessionIn, windowsIn } from "./content";
import { ExportedSession } from "./ExportedSession";
import "../style/tokens.css";
import "../style/page.css";

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no #root element.");
const session = sessionIn(document);
createRoot(root).render(
  <StrictMode>
    <ExportedSession session={session} windows={windowsIn(document, session)} />
  </StrictMode>,
);
