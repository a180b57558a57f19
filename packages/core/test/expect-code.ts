import type { ErrorCode, SpacedriveError } from "@spacedrive/wire";
import { isSpacedriveError } from "@spacedrive/wire";
import { expect } from "vitest";

/** Sees the promise reject with our error of this code, and answers it. */
export async function expectCode(promise: Promise<unknown>, code: ErrorCode): Promise<SpacedriveError> {
  const error = await promise.then(
    (value) => new Error(`resolved with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!isSpacedriveError(error)) throw error;
  expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.any(String) });
  return error;
}
