// Draws a part of the dashboard with a query client of its own, which never repeats a failed call.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactElement } from "react";

export function show(element: ReactElement): QueryClient {
  return showAgain(element).client;
}

/** The same with a query client that knows something already. */
export function showIn(client: QueryClient, element: ReactElement): void {
  render(<QueryClientProvider client={client}>{element}</QueryClientProvider>);
}

/** The same for what is to be drawn again with something changed. */
export function showAgain(element: ReactElement): {
  client: QueryClient;
  rerender: (element: ReactElement) => void;
} {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const within = (drawn: ReactElement) => <QueryClientProvider client={client}>{drawn}</QueryClientProvider>;
  const { rerender } = render(within(element));
  return {
    client,
    rerender: (changed) => {
      rerender(within(changed));
    },
  };
}
