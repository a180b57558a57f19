import { connectToHost, type HostCallOptions, type HostClient } from "@spacedrive/core";
import type { JobUpdate } from "@spacedrive/jobs";
import {
  isSpacedriveError,
  type JobId,
  type OperationDefinition,
  type OperationScope,
  SpacedriveError,
} from "@spacedrive/wire";
import type { z } from "zod";
import { readOwnPackage } from "../own-package.js";
import { resolveDataDir } from "./data-dir.js";
import { hintedCommand, type Place } from "./hinted-command.js";
import type { HostAccess } from "./host-access.js";
import type { JobView } from "./job-view.js";

/** The host in another process that has the data directory open. */
export class RunningHost implements HostAccess {
  readonly runningIn: number;
  readonly place: Place;
  readonly #client: HostClient;

  private constructor(client: HostClient, place: Place) {
    this.place = place;
    this.#client = client;
    this.runningIn = client.pid;
  }

  /** @throws SpacedriveError as `connectToHost`. */
  static async connect(place: Place): Promise<RunningHost> {
    const client = `sdx ${readOwnPackage().version}`;
    return new RunningHost(await connectToHost({ dataDir: resolveDataDir(place.dataDir), client }), place);
  }

  call<Scope extends OperationScope, Input extends z.ZodType, Output extends z.ZodType>(
    operation: OperationDefinition<"query" | "action", Scope, Input, Output>,
    input: z.input<Input>,
    options?: HostCallOptions,
  ): Promise<z.output<Output>>;
  call(method: string, input: unknown, options?: HostCallOptions): Promise<unknown>;
  call(target: string | OperationDefinition, input: unknown, options: HostCallOptions = {}): Promise<unknown> {
    return typeof target === "string"
      ? this.#client.call(target, input, options)
      : this.#client.call(target, input, options);
  }

  async *follow(
    job: JobId,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<JobUpdate, JobView | null, undefined> {
    try {
      return yield* this.#client.follow(job, options);
    } catch (cause) {
      if (!isSpacedriveError(cause) || cause.code !== "CLOSED") throw cause;
      const message = `The process with pid ${this.runningIn} closed. The job goes on when the data directory is opened again. To go on with it: ${hintedCommand(`jobs resume ${job}`, this.place)}`;
      throw new SpacedriveError("CLOSED", message, { cause });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client.close();
  }
}
