import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it } from "vitest";
import { Hint } from "../../src/hint/Hint";

beforeEach(() => {
  render(<Hint text="Because">{(id) => <button aria-describedby={id}>Play</button>}</Hint>);
});

const hint = () => screen.queryByRole("tooltip");
const button = () => screen.getByRole("button", { name: "Play", description: "Because" });

it("describes its element also while it is not shown", () => {
  expect(button()).toBeDefined();
  expect(hint()).toBeNull();
});

it("is shown while its element is pointed at", async () => {
  await userEvent.hover(button());
  expect(hint()).not.toBeNull();
  await userEvent.unhover(button());
  expect(hint()).toBeNull();
});

it("is shown while its element has the focus, and leaves with Escape", async () => {
  await userEvent.tab();
  expect(hint()?.textContent).toBe("Because");
  await userEvent.keyboard("{Escape}");
  expect(hint()).toBeNull();
  expect(document.activeElement).toBe(button());
});
