// What a person sees of a page: its visible text and what its fields hold.

export interface Field {
  name: string;
  type: string;
  value: string;
}

export interface PageView {
  /** Visible text, a line each, without blank lines. */
  text: string[];
  fields: Field[];
}

/** Runs in the browser, so it may know nothing from outside of itself. */
export function viewOf(page: Document): PageView {
  const lines = page.body.innerText.split("\n").map((line) => line.replace(/\s+/g, " ").trim());
  const fields = [...page.querySelectorAll("input, textarea, select")].map((element) => {
    // Not by instanceof: a replayed page is of another window.
    const field = element as HTMLInputElement;
    const ticked = field.type === "checkbox" || field.type === "radio";
    return {
      name: field.name || field.id || (field.getAttribute("aria-label") ?? ""),
      type: field.type,
      value: ticked ? String(field.checked) : field.value,
    };
  });
  return { text: lines.filter((line) => line !== ""), fields };
}

/** What a replay must show where the page showed `view`: the same, with what was typed or chosen masked. */
export function masked(view: PageView): PageView {
  return { ...view, fields: view.fields.map((field) => ({ ...field, value: maskedValue(field) })) };
}

function maskedValue({ type, value }: Field): string {
  switch (type) {
    case "checkbox":
    case "radio":
      return value;
    case "number":
      // Stars are no number: such a field would show nothing.
      return "0".repeat(value.length);
    case "select-one":
      // Stars are no option either: nothing is chosen.
      return "";
    default:
      return "*".repeat(value.length);
  }
}
