// What a row hands to the cells in it.
import { createContext } from "react";

export interface RowTools {
  open: (session: string) => void;
  /** 0 in the one row whose buttons Tab reaches, -1 in all others. */
  tabIndex: 0 | -1;
}

export const RowTools = createContext<RowTools>({ open: () => undefined, tabIndex: -1 });
