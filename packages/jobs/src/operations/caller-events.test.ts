import { type Caller, createJobId, createLibraryId, localUser } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { eventToAwait, eventToEmit } from "./caller-events.js";

const finance: Caller = { kind: "extension", extension: "finance" };
const native: Caller = {
  kind: "job",
  job: { id: createJobId(), type: "core.index", attempt: 1, library: createLibraryId() },
};

describe("an extension", () => {
  test.each([
    ["imported", "finance:imported"],
    ["finance:imported", "finance:imported"],
    ["finance:bank.imported", "finance:bank.imported"],
    ["constructor", "finance:constructor"],
  ])("means its own event by %s", (name, full) => {
    expect(eventToEmit(finance, name)).toBe(full);
    expect(eventToAwait(finance, name)).toBe(full);
  });

  test("knows of the host's events, and emits none of them", () => {
    expect(eventToAwait(finance, "app.import_done")).toBe("app.import_done");
    expect(() => eventToEmit(finance, "app.import_done")).toThrow(
      expect.objectContaining({ code: "PERMISSION_DENIED", message: expect.stringContaining('"finance:<event>"') }),
    );
  });

  test.each(["mail:arrived", "financeX:imported", "fin:imported", ":imported", "host:x", `${"x".repeat(9_999)}:x`])(
    "may not know of another's: %s",
    (name) => {
      for (const of of [eventToAwait, eventToEmit]) {
        expect(() => of(finance, name)).toThrow(
          expect.objectContaining({ code: "PERMISSION_DENIED", message: expect.stringMatching(/^.{1,400}$/) }),
        );
      }
    },
  );

  test.each(["", "__proto__", "finance:__proto__", "finance:", "a b", "é", "finance:a:b", "x".repeat(129)])(
    "is refused a name of no event: %s",
    (name) => {
      for (const of of [eventToAwait, eventToEmit]) {
        expect(() => of(finance, name)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
      }
    },
  );
});

test.each([localUser, native])("who is no extension names events in full ($kind)", (caller) => {
  for (const of of [eventToAwait, eventToEmit]) {
    expect(of(caller, "app.import_done")).toBe("app.import_done");
    expect(of(caller, "finance:imported")).toBe("finance:imported");
    expect(() => of(caller, "imported")).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  }
});
