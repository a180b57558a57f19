import { SpacedriveError } from "@spacedrive/wire";
import type { JobContext } from "../job-context.js";
import { extensionOfType } from "../job-type.js";

/** The contexts of the jobs that run now: what a job id from a guest is looked up in. */
export class JobContextRegistry {
  readonly #contexts = new Map<string, JobContext>();

  /**
   * @param id as the guest gave it; whatever it holds.
   * @param extension who asks; null for the host's own code.
   * @throws SpacedriveError `JOB_NOT_RUNNING` where the job is not running or is another's: one answer for both, so that
   * nobody learns of another's jobs.
   */
  find(id: string, extension: string | null): JobContext {
    const context = this.#contexts.get(id.toLowerCase());
    if (context === undefined || extensionOfType(context.type) !== extension) {
      const whose = extension === null ? "a native job" : `extension "${extension}"`;
      throw new SpacedriveError(
        "JOB_NOT_RUNNING",
        `No running job of ${whose} has the id ${JSON.stringify(id.slice(0, 64))}.`,
      );
    }
    return context;
  }

  /** The contexts of all running jobs. */
  list(): JobContext[] {
    return [...this.#contexts.values()];
  }

  /** Enters a context until the answered function is called. */
  add(context: JobContext): () => void {
    this.#contexts.set(context.id, context);
    return () => {
      if (this.#contexts.get(context.id) === context) this.#contexts.delete(context.id);
    };
  }
}
