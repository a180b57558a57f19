import { expect, it } from "vitest";
import type { Caller } from "./caller.js";
import { ERROR_CODES, type ErrorCode, SpacedriveError } from "./errors.js";
import { toldError, toldReason } from "./told-error.js";

const SECRET = "The database /home/ada/library.db failed.\n    at open (/srv/main.js:3:1)";
const extension: Caller = { kind: "extension", extension: "finance" };
const remote: Caller = { kind: "remote", client: "phone" };

it("holds back the texts of the host and of other guests from whoever is outside, and keeps code and retryable", () => {
  const held = Object.keys(ERROR_CODES).filter((code) => {
    // Proof: the keys of the table are its codes.
    const error = new SpacedriveError(code as ErrorCode, SECRET, { retryable: true, details: { file: "library.db" } });
    const told = toldError(error, extension);
    expect(told).toMatchObject({ code, retryable: true });
    expect(toldError(error, remote).message).toBe(told.message);
    expect(toldError(error, { kind: "user" })).toBe(error);
    return told !== error && !told.message.includes("library.db") && told.details["file"] === undefined;
  });
  expect(held).toEqual(
    expect.arrayContaining(["INTERNAL", "STORE_FAILED", "STORE_CORRUPT", "STORE_LOCKED", "DISK_FULL", "GUEST_TRAPPED"]),
  );
  expect(held).not.toContain("INVALID_INPUT");
  expect(held).not.toContain("OPERATION_FAILED");
});

it("tells the same thing again of what it has told, so that a journal can answer word for word", () => {
  const told = toldError(new SpacedriveError("STORE_FAILED", SECRET, { details: { unconfirmed: true } }), extension);
  expect(told.details).toEqual({ unconfirmed: true });
  expect(toldError(told, extension)).toBe(told);
});

it("lets an extension read the trap of its own job, and not the host's files", () => {
  expect(toldReason("GUEST_TRAPPED", "trapped in execute_work", extension)).toBe("trapped in execute_work");
  expect(toldReason("STORE_FAILED", SECRET, extension)).not.toContain("library.db");
  expect(toldReason("STORE_FAILED", SECRET, { kind: "user" })).toBe(SECRET);
  expect(toldReason(null, "resumed", extension)).toBe("resumed");
});
