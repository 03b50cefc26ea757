import { describe, expect, it } from "vitest";
import { commandOf, isCharacter, type Key, SHORTCUTS } from "../../src/replay/keyboard";

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

  it("leads to other sessions, to sharing, and to help, also in capital letters", () => {
    expect(press("n")).toEqual({ do: "next" });
    expect(press("P")).toEqual({ do: "previous" });
    expect(press("s")).toEqual({ do: "share" });
    expect(press("?")).toEqual({ do: "help" });
    expect(press("n", "<button id=target></button>")).toEqual({ do: "next" });
  });

  it("means nothing to the replay while something is open over it", () => {
    expect(press("ArrowLeft", "<dialog class=replay><p id=target></p></dialog>")).not.toBeNull();
    expect(
      press("ArrowLeft", "<dialog class=replay><dialog class=modal><p id=target></p></dialog></dialog>"),
    ).toBeNull();
  });

  it("walks through the jump list when the focus is in it", () => {
    expect(press("Home", "<div role=listbox id=target></div>")).toBeNull();
    expect(press(" ", "<div role=listbox id=target></div>")).toBeNull();
    expect(press("n", "<div role=listbox id=target></div>")).toEqual({ do: "next" });
  });

  it("is nothing where it is a letter or a sign, and these are turned off", () => {
    const of = (key: string) =>
      commandOf({ key, altKey: false, ctrlKey: false, metaKey: false, target: null }, false);
    expect(["k", "n", "P", "?"].map(of)).toEqual([null, null, null, null]);
    expect(of(" ")).toEqual({ do: "toggle" });
    expect(of("ArrowLeft")).toEqual({ do: "seekBy", ms: -5_000 });
  });
});

describe("the shortcuts", () => {
  it("are all written down under the keys that do them, each once", () => {
    const keys = SHORTCUTS.flatMap((shortcut) => shortcut.keys);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { keys, command } of SHORTCUTS) for (const key of keys) expect(press(key)).toEqual(command);
    expect(keys.filter(isCharacter).toSorted()).toEqual(["?", "i", "k", "n", "p", "s"]);
  });
});
