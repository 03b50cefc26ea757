import { describe, expect, it } from "vitest";
import { commandOf, type Key } from "../../src/replay/keyboard";

function press(key: string, on = "<div id=target></div>", change: Partial<Key> = {}) {
  document.body.innerHTML = on;
  const target = document.querySelector("#target");
  return commandOf({ key, altKey: false, ctrlKey: false, metaKey: false, target, ...change });
}

describe("a key in the replay", () => {
  it("plays, pauses and seeks", () => {
    expect(press(" ")).toEqual({ do: "toggle" });
    expect(press("ArrowLeft")).toEqual({ do: "seekBy", ms: -5_000 });
    expect(press("End")).toEqual({ do: "seekTo", part: 1 });
    expect(press("x")).toBeNull();
  });

  it("belongs to the browser with Ctrl, Alt or Cmd", () => {
    expect(press("ArrowLeft", undefined, { altKey: true })).toBeNull();
    expect(press("k", undefined, { ctrlKey: true })).toBeNull();
    expect(press("k", undefined, { metaKey: true })).toBeNull();
  });

  it("presses the button that has the focus", () => {
    expect(press(" ", "<button id=target></button>")).toBeNull();
    expect(press("ArrowRight", "<button id=target></button>")).not.toBeNull();
  });

  it("seeks in ms steps of ours on the timeline", () => {
    expect(press("ArrowRight", "<input id=target type=range>")).toEqual({ do: "seekBy", ms: 5_000 });
  });

  it("leaves the arrows to the speeds and the windows", () => {
    expect(press("ArrowRight", "<input id=target type=radio>")).toBeNull();
    expect(press(" ", "<input id=target type=radio>")).toEqual({ do: "toggle" });
    expect(press("ArrowRight", "<div role=tablist><button id=target></button></div>")).toBeNull();
  });

  it("is text in a field", () => {
    expect(press("k", "<input id=target type=text>")).toBeNull();
  });
});
