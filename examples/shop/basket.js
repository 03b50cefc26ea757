// The basket: a list of { tea, count }, kept in the browser.
export function basket() {
  try {
    return JSON.parse(localStorage.getItem("lantern.basket")) ?? [];
  } catch {
    return [];
  }
}

export function setCount(tea, count) {
  const lines = basket().filter((line) => line.tea !== tea);
  if (count > 0) lines.push({ tea, count });
  localStorage.setItem("lantern.basket", JSON.stringify(lines));
  showCount();
}

export const countOf = (tea) => basket().find((line) => line.tea === tea)?.count ?? 0;

function showCount() {
  const count = basket().reduce((sum, line) => sum + line.count, 0);
  document.getElementById("basket-count").textContent = String(count);
}

showCount();
