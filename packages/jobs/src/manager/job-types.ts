import { isExtensionId, SpacedriveError } from "@spacedrive/wire";
import type { JobHandler } from "../job-handler.js";
import { extensionOfType } from "../job-type.js";

/** Job types and what runs them now. */
export class JobTypes {
  readonly #handlers = new Map<string, JobHandler>();

  /** @throws SpacedriveError `CONFLICT` where the type is registered, `INVALID_INPUT` where it is not the handler's to have. */
  add(type: string, handler: JobHandler): void {
    checkType(type, handler.extension);
    if (this.#handlers.has(type)) throw new SpacedriveError("CONFLICT", `Job type "${type}" is registered already.`);
    this.#handlers.set(type, handler);
  }

  /** Removes exactly this handler. */
  remove(type: string, handler: JobHandler): void {
    if (this.#handlers.get(type) === handler) this.#handlers.delete(type);
  }

  get(type: string): JobHandler | undefined {
    return this.#handlers.get(type);
  }

  /** @throws SpacedriveError `EXTENSION_NOT_LOADED` or `NOT_FOUND`, naming the types there are. */
  find(type: string): JobHandler {
    const handler = this.#handlers.get(type);
    if (handler !== undefined) return handler;
    const extension = extensionOfType(type);
    const known = [...this.#handlers.keys()].filter((other) => extensionOfType(other) === extension).sort();
    if (extension !== null && known.length === 0) {
      throw new SpacedriveError(
        "EXTENSION_NOT_LOADED",
        `Job "${type}" cannot be dispatched: extension "${extension}" is not loaded, or has no jobs. Load it first.`,
      );
    }
    const there = known.length === 0 ? "none is registered" : `there is ${known.slice(0, 10).join(", ")}`;
    throw new SpacedriveError("NOT_FOUND", `There is no job type "${type}": ${there}.`);
  }

  /** Why a queued job of this type cannot start; null where a handler is there. */
  waitingFor(type: string): string | null {
    if (this.#handlers.has(type)) return null;
    const extension = extensionOfType(type);
    if (extension === null) return `no handler for ${type} is registered`;
    const loaded = [...this.#handlers.keys()].some((other) => extensionOfType(other) === extension);
    return loaded ? `extension ${extension} has no job ${type}` : `extension ${extension} is not loaded`;
  }
}

const NATIVE_TYPE = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/;
const JOB_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

function checkType(type: string, extension: string | null): void {
  const refuse = (reason: string): never => {
    throw new SpacedriveError("INVALID_INPUT", `Job type ${JSON.stringify(type)} is not allowed: ${reason}`);
  };
  if (extension === null) {
    if (!NATIVE_TYPE.test(type)) refuse("a native job's type is dotted lower-case words, such as core.index_location.");
    return;
  }
  if (!isExtensionId(extension)) refuse(`"${extension}" is not an extension id.`);
  if (!type.startsWith(`${extension}:`)) refuse(`a job of extension "${extension}" is "${extension}:<job>".`);
  if (!JOB_NAME.test(type.slice(extension.length + 1))) {
    refuse("a job's name is letters, digits, _, - and dots, at most 128, beginning with a letter or digit.");
  }
}
