import type { JobContext } from "@spacedrive/jobs";
import {
  type Caller,
  type CallOptions,
  type JobIdentity,
  type JsonLimits,
  type LibraryId,
  type Recorder,
  SpacedriveError,
  toSpacedriveError,
  type Wire,
} from "@spacedrive/wire";
import type { Guest, GuestModule } from "../guest/guest.js";
import type { ExtensionPermissions } from "../permissions/extension-permissions.js";
import type { GateSwitch } from "../permissions/gate-switch.js";
import type { ExtensionGate } from "../permissions/extension-gate.js";
import type { HeldCall } from "./call-chain.js";
import { type CallRoute, GuestHost } from "./guest-host.js";
import type { Instance } from "./instance.js";
import type { PluginHost } from "./plugin-host.js";
import type { PluginRegistrations } from "./registrations.js";

export interface InstanceFactoryOptions {
  readonly host: PluginHost;
  readonly extension: string;
  readonly module: GuestModule;
  readonly permissions: ExtensionPermissions;
  readonly registrations: PluginRegistrations;
  readonly gates: GateSwitch;
  readonly gate: ExtensionGate;
}

/** Starts the instances of one version of an extension, each bound to its library and, where it runs one, its job. */
export class InstanceFactory {
  readonly #options: InstanceFactoryOptions;
  /** The way to Wire of calls that belong to no job. */
  readonly #route: CallRoute;

  constructor(options: InstanceFactoryOptions) {
    this.#options = options;
    this.#route = this.#createRoute(null, null);
  }

  /**
   * @param call on whose behalf it starts; for a job, all that the job does.
   * @throws SpacedriveError `LIBRARY_ACCESS_DENIED` where the extension may not serve the library, `INIT_FAILED`, and what
   * else a start fails with.
   */
  async start(
    library: LibraryId | null,
    job: JobContext | null,
    call: HeldCall,
    signal?: AbortSignal,
  ): Promise<Instance> {
    const { host, extension, module, permissions, registrations } = this.#options;
    if (library !== null) permissions.checkLibrary(library);
    let refused = false;
    const guestHost = new GuestHost({
      extension,
      library,
      logger: host.logger,
      logFields: { extension, ...(library === null ? {} : { library }), ...(job === null ? {} : { job: job.id }) },
      // The engine has cut it already, and said so in a few more characters.
      maxLogLineLength: host.limits.maxLogLineBytes + 64,
      initRoute: this.#route,
      initCall: call,
      clock: host.clock,
      register: (registration) => {
        const accepted = registrations.accept(registration);
        refused ||= !accepted;
        return accepted;
      },
    });
    const guest = await startGuest(extension, () => module.start(guestHost, signal === undefined ? {} : { signal }));
    if (refused && registrations.sealed) {
      await guest[Symbol.asyncDispose]();
      throw new SpacedriveError(
        "REGISTRATION_REFUSED",
        `"${extension}" registered something else than its first instance did. plugin_init must register the same each time.`,
      );
    }
    if (job !== null) {
      const route = routeToJob(job, { maxValues: host.limits.maxPayloadValues });
      guestHost.enter({ what: `job "${job.type}"`, route, mayAct: true, call, job: job.id });
    }
    return { guest, host: guestHost, library };
  }

  /**
   * The way to Wire on behalf of a job, or of none.
   *
   * @param recorder where that job's journal records the calls; null: nowhere.
   */
  routeFor(job: JobIdentity | null, recorder: Recorder | null = null): CallRoute {
    return job === null ? this.#route : this.#createRoute(job, recorder);
  }

  #createRoute(job: JobIdentity | null, recorder: Recorder | null): CallRoute {
    const { extension, gates, gate, host } = this.#options;
    const caller: Caller = { kind: "extension", extension, ...(job === null ? {} : { job }) };
    // By the identity of the caller the gate knows which version calls.
    gates.admit(caller, gate);
    return routeToWire(host.wire, { caller, recorder, maxValues: host.limits.maxPayloadValues });
  }
}

/** An engine of the integrator's may throw what it likes. */
async function startGuest(extension: string, start: () => Promise<Guest>): Promise<Guest> {
  try {
    return await start();
  } catch (thrown) {
    throw toSpacedriveError(
      thrown,
      "INTERNAL",
      `"${extension}" could not be started: its engine failed, and the cause says how.`,
    );
  }
}

function routeToWire(wire: Wire, options: CallOptions & JsonLimits): CallRoute {
  return (method, payload, library, signal) => wire.callJson(method, payload, { ...options, library, signal });
}

/** A job's own calls go through its context, which knows its attempt and its journal. */
function routeToJob(job: JobContext, limits: JsonLimits): CallRoute {
  return (method, payload, library) => job.callJson(method, payload, library, limits);
}
