import { isSpacedriveError, type Registration, SpacedriveError } from "@spacedrive/wire";
import type { LoadedVersion } from "./loaded-version.js";
import type { PluginHost } from "./plugin-host.js";

/** What a version has registered: its operations on Wire, its jobs at the job manager. */
export class PluginRegistration {
  readonly #operations: Registration[] = [];
  readonly #jobs: { unregister(): Promise<void> }[] = [];

  /**
   * Registers all or nothing, without giving the loop a turn: no caller sees a part of it.
   *
   * @throws SpacedriveError `REGISTRATION_REFUSED` where somebody else registered one of its names.
   */
  static of(host: PluginHost, version: LoadedVersion): PluginRegistration {
    const registration = new PluginRegistration();
    try {
      for (const operation of version.operations) registration.#operations.push(host.wire.register(operation));
      for (const [type, executor] of version.jobs) {
        const job = host.jobs?.register(type, executor);
        if (job !== undefined) registration.#jobs.push(job);
      }
      return registration;
    } catch (cause) {
      void registration.unregister();
      const reason = isSpacedriveError(cause) ? cause.message : String(cause);
      throw new SpacedriveError("REGISTRATION_REFUSED", `"${version.manifest.id}": ${reason}`, { cause });
    }
  }

  /** At once nothing of it can be called or starts any more; resolves when its jobs have been interrupted. */
  async unregister(): Promise<void> {
    for (const operation of this.#operations.splice(0)) operation.unregister();
    // An integrator's own registrar may throw: the rest goes all the same.
    await Promise.allSettled(this.#jobs.splice(0).map(async (job) => job.unregister()));
  }
}
