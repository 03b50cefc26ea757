// Starts the dashboard. A token in the fragment is taken out of the address before anything else happens.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { shareOf, tokenOf } from "./address/address";
import { callAsGuest } from "./api/client";
import { App } from "./App";
import { asProblem } from "./api/problem";
import { keys } from "./api/queries";
import { SharedSession } from "./share/SharedSession";
import { applyColours, keptColours } from "./style/colours";
import "./style/tokens.css";
import "./style/page.css";

const MOST_RETRIES = 2;

applyColours(keptColours());

const token = tokenOf(window.location.hash);
if (token !== null) {
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
}

const share = shareOf(window.location.hash);
callAsGuest(share);

const client: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => asProblem(error).passing && failures < MOST_RETRIES,
    },
  },
});
// A cookie can run out under an open page: whoever is told so first sends the reader to the sign-in form.
client.getQueryCache().subscribe(({ query, type }) => {
  if (type !== "updated" || query.state.error === null || query.queryKey === keys.account) return;
  if (asProblem(query.state.error).signedOut && query.state.fetchStatus === "idle") {
    void client.invalidateQueries({ queryKey: keys.account });
  }
});

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no #root element.");
const page = createRoot(root);
// As a transition it is drawn in steps, between which the browser does other things.
startTransition(() => {
  page.render(
    <StrictMode>
      <QueryClientProvider client={client}>
        {share === null ? <App token={token} /> : <SharedSession />}
      </QueryClientProvider>
    </StrictMode>,
  );
});
