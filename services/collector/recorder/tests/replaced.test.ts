import { expect, it, vi } from "vitest";
import { replaceFunction } from "../src/replaced";

type Say = (text: string) => string;
const own: Say = (text) => `own ${text}`;

it("stands in, passes calls on, and puts back exactly what was there", () => {
  const target = { say: own };
  Object.defineProperty(target, "say", { value: own, enumerable: false, writable: true, configurable: true });
  const before = Object.getOwnPropertyDescriptor(target, "say");
  const heard = vi.fn();
  const restore = replaceFunction<"say", Say>(target, "say", (page) => (text) => {
    heard(text);
    return page(text);
  });
  expect(target.say("a")).toBe("own a");
  expect(heard).toHaveBeenCalledWith("a");
  restore?.();
  expect(Object.getOwnPropertyDescriptor(target, "say")).toEqual(before);
});

it("leaves what someone put on top of it, and is then silent", () => {
  const target = { say: own };
  const heard = vi.fn();
  const restore = replaceFunction<"say", Say>(target, "say", (page, isOn) => (text) => {
    if (isOn()) heard(text);
    return page(text);
  });
  const ours = target.say;
  const theirs: Say = (text) => `their ${ours(text)}`;
  target.say = theirs;
  restore?.();
  expect(target.say).toBe(theirs);
  expect(target.say("a")).toBe("their own a");
  expect(heard).not.toHaveBeenCalled();
});

it.each<[string, PropertyDescriptor]>([
  ["is not writable", { value: own, writable: false, configurable: true }],
  ["is not configurable", { value: own, writable: true, configurable: false }],
  ["is no function", { value: "text", writable: true, configurable: true }],
  ["is behind a getter", { get: () => own, configurable: true }],
])("does not touch what it could not restore: a property that %s", (_, descriptor) => {
  const target = Object.defineProperty({} as { say: Say }, "say", descriptor);
  const before = Object.getOwnPropertyDescriptor(target, "say");
  expect(replaceFunction<"say", Say>(target, "say", () => own)).toBeNull();
  expect(Object.getOwnPropertyDescriptor(target, "say")).toEqual(before);
});

it("does not touch what the object only inherits", () => {
  const target = Object.create({ say: own }) as { say: Say };
  expect(replaceFunction<"say", Say>(target, "say", () => own)).toBeNull();
  expect(Object.keys(target)).toEqual([]);
});
