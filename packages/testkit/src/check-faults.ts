import { describeIssues, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";
import { DATABASE_OPERATIONS, DISK_OPERATIONS, type Fault, FAULT_OPERATIONS } from "./fault.js";

const COUNT = "expected a whole number from 1";
const count = z.int(COUNT).min(1, COUNT);
// Checked apart: a number of zod's is never infinite.
const times = z.custom<number>(
  (value) => value === Number.POSITIVE_INFINITY || count.safeParse(value).success,
  `${COUNT}, or Infinity`,
);
const moment = { at: count.exactOptional(), database: z.enum(["library", "host"]).exactOptional() };
const anyOperation = z.enum(FAULT_OPERATIONS).exactOptional();

const fault = z.discriminatedUnion("fault", [
  z.strictObject({
    fault: z.enum(["disk-full", "io-error"]),
    operation: z.enum(DISK_OPERATIONS),
    times: times.exactOptional(),
    ...moment,
  }),
  z.strictObject({
    fault: z.enum(["locked", "corrupt"]),
    operation: z.enum(DATABASE_OPERATIONS),
    times: times.exactOptional(),
    ...moment,
  }),
  z.strictObject({
    fault: z.literal("kill"),
    when: z.enum(["before", "after"]),
    operation: anyOperation,
    ...moment,
  }),
  z.strictObject({
    fault: z.literal("clock-back"),
    byMs: z.number().positive("expected milliseconds, more than 0"),
    operation: anyOperation,
    ...moment,
  }),
]);

const plan = z.object({ faults: z.array(fault) });

/**
 * The faults as they came, once they are known to be such.
 *
 * @param canKill whether the host has a process of its own.
 * @throws SpacedriveError `INVALID_INPUT`, naming the field.
 */
export function checkFaults(faults: unknown, canKill: boolean): readonly Fault[] {
  const checked = plan.safeParse({ faults });
  if (!checked.success) {
    throw new SpacedriveError("INVALID_INPUT", `This is no plan of faults: ${describeIssues(checked.error)}.`);
  }
  const kill = checked.data.faults.findIndex((each) => each.fault === "kill");
  if (kill === -1 || canKill) return checked.data.faults;
  throw new SpacedriveError(
    "INVALID_INPUT",
    `faults[${kill}].fault: "kill" would end the test with its host. Leave inProcess out, so that the host has a process of its own.`,
  );
}
