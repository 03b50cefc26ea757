// The list: filtered by what is typed and by kind.
import { card, TEAS } from "./catalogue.js";
import "./basket.js";

const search = document.getElementById("search");
const kinds = document.getElementById("kinds");
let kind = "all";

const show = () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = TEAS.filter((tea) => {
    const text = `${tea.name} ${tea.note} ${tea.kind}`.toLowerCase();
    return (kind === "all" || tea.kind === kind) && words.every((word) => text.includes(word));
  });
  document.getElementById("teas").innerHTML = found.map(card).join("");
  document.getElementById("found").textContent =
    found.length === 0 ? "No tea like that. Try another word." : `${found.length} of ${TEAS.length} teas`;
};

for (const name of ["all", ...new Set(TEAS.map((tea) => tea.kind))]) {
  const button = document.createElement("button");
  button.textContent = name;
  button.setAttribute("aria-pressed", String(name === kind));
  button.addEventListener("click", () => {
    kind = name;
    for (const other of kinds.children) other.setAttribute("aria-pressed", String(other === button));
    show();
  });
  kinds.append(button);
}
search.addEventListener("input", show);
show();
