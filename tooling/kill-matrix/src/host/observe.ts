import type { Core } from "@spacedrive/core";
import type { JobContext } from "@spacedrive/jobs";
import { isEnvelope, parseJson } from "@spacedrive/wire";
import { type AcknowledgedLog, fingerprintOf } from "./acknowledged.ts";

/**
 * Notes what jobs are told is done, at the last point before they are told: the checkpoints of all, and the actions of those of
 * extensions. Neither has an event, and an event would come too late: so the calls themselves are listened to.
 */
export function observe(core: Core, acknowledged: AcknowledgedLog): void {
  const add = core.jobs.contexts.add.bind(core.jobs.contexts);
  core.jobs.contexts.add = (context) => {
    observeCheckpoints(core, context, acknowledged);
    return add(context);
  };
  const callJson = core.wire.callJson.bind(core.wire);
  core.wire.callJson = async (method, payload, options) => {
    const reply = await callJson(method, payload, options);
    if (method.startsWith("action:") && !isEnvelope(parseJson(reply, "a reply"))) {
      acknowledged.note({ type: "action", method, payload });
    }
    return reply;
  };
}

function observeCheckpoints(core: Core, context: JobContext, acknowledged: AcknowledgedLog): void {
  const { id: job, library } = context;
  const database = core.libraries.require(library).database;
  let checkpoint = Number(database.read((tx) => tx.get("SELECT checkpoint FROM jobs WHERE id = ?", job))?.checkpoint);
  const make = context.checkpoint.bind(context);
  context.checkpoint = async (state) => {
    await make(state);
    // Counted, and not read: what was acknowledged too early could not be read yet.
    checkpoint++;
    acknowledged.note({ type: "checkpoint", job, checkpoint, state: fingerprintOf(state) });
  };
}
