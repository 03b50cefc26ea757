// Light and dark: the system's unless the reader chose.
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { applyColours, coloursOf, keptColours } from "../../src/style/colours";
import { ColoursChoice } from "../../src/style/ColoursChoice";
import { show } from "../show";

afterEach(() => {
  window.localStorage.clear();
  applyColours("system");
});

const onPage = () => document.documentElement.dataset.colours;

describe("the colours", () => {
  it("are the system's until one is chosen, whatever was kept", () => {
    expect([null, "", "sepia", "light", "dark"].map(coloursOf)).toEqual([
      "system",
      "system",
      "system",
      "light",
      "dark",
    ]);
  });

  it("are shown as chosen, and kept for the next time", async () => {
    show(<ColoursChoice />);
    const choice = screen.getByLabelText("Colours");
    await userEvent.selectOptions(choice, "Dark");
    expect([onPage(), keptColours()]).toEqual(["dark", "dark"]);
    await userEvent.selectOptions(choice, "System colours");
    expect([onPage(), keptColours()]).toEqual([undefined, "system"]);
  });

  it("are shown as chosen where the browser keeps nothing", async () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    show(<ColoursChoice />);
    await userEvent.selectOptions(screen.getByLabelText("Colours"), "Light");
    expect([onPage(), keptColours()]).toEqual(["light", "system"]);
  });

  it("say the same in every place, and in every tab", async () => {
    show(
      <>
        <ColoursChoice />
        <ColoursChoice />
      </>,
    );
    const values = () => screen.getAllByTestId<HTMLSelectElement>("colours").map((choice) => choice.value);
    const [first] = screen.getAllByTestId("colours");
    if (first === undefined) throw new Error("There is no choice.");
    await userEvent.selectOptions(first, "Dark");
    expect(values()).toEqual(["dark", "dark"]);
    window.localStorage.setItem("playhead:colours", "light");
    window.dispatchEvent(new Event("storage"));
    await vi.waitFor(() => {
      expect(values()).toEqual(["light", "light"]);
    });
    expect(onPage()).toBe("light");
  });
});
