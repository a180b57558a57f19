import { Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { Core } from "@spacedrive/core";
import {
  type Caller,
  type ErrorCode,
  isSpacedriveError,
  type LibraryId,
  parseJobId,
  SpacedriveError,
  toEnvelope,
} from "@spacedrive/runtime";
import { z } from "zod";

const statusOf: Partial<Record<ErrorCode, 400 | 403 | 404 | 409 | 413 | 429 | 503 | 504>> = {
  INVALID_INPUT: 400,
  PERMISSION_DENIED: 403,
  LIBRARY_ACCESS_DENIED: 403,
  NOT_FOUND: 404,
  LIBRARY_NOT_FOUND: 404,
  CONFLICT: 409,
  INVALID_TRANSITION: 409,
  PAYLOAD_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  BUSY: 503,
  TIMEOUT: 504,
};

const newJob = z.object({ job_type: z.string(), params: z.unknown() });

/** The routes. A tenant is a library, and sees nothing of another. A POST makes one that is new; a GET changes nothing. */
export function createApp(core: Core): Hono {
  const app = new Hono();
  const makeTenant = async (name: string): Promise<LibraryId> => (await core.libraries.open(name)).id;
  const findTenant = (name: string): LibraryId => {
    const composed = name.normalize("NFC");
    const found = core.libraries.list().find((library) => library.name === composed);
    if (found === undefined) throw new SpacedriveError("LIBRARY_NOT_FOUND", `There is no tenant "${name}".`);
    return found.id;
  };

  app.onError((error, c) => {
    const status = isSpacedriveError(error) ? (statusOf[error.code] ?? 500) : 500;
    return c.json(toEnvelope(error), status);
  });

  app.get("/health", (c) => c.json({ ok: true }));

  // Any operation by its method string: POST /tenants/acme/call/query:test-extension:ping.v1
  app.post("/tenants/:tenant/call/:method", async (c) => {
    const library = await makeTenant(c.req.param("tenant"));
    const caller: Caller = { kind: "remote", client: c.req.header("x-client") ?? "anonymous" };
    const input: unknown = await c.req.json().catch(() => {
      throw new SpacedriveError("INVALID_INPUT", "The request's body is not JSON.");
    });
    const output = await core.wire.call(c.req.param("method"), input, { caller, library, signal: c.req.raw.signal });
    return c.json(output as object);
  });

  app.post("/tenants/:tenant/jobs", async (c) => {
    const library = await makeTenant(c.req.param("tenant"));
    const parsed = newJob.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success)
      throw new SpacedriveError("INVALID_INPUT", 'A body {"job_type": "…", "params": {…}} is expected.');
    // As of operations (server.ts), clients get those of extensions, and nothing of the host's own, such as its indexing.
    if (!parsed.data.job_type.includes(":"))
      throw new SpacedriveError("PERMISSION_DENIED", `Clients may not start "${parsed.data.job_type}".`);
    const job = await core.jobs.dispatch(parsed.data.job_type, parsed.data.params, { library });
    return c.json({ job_id: job.id }, 202);
  });

  app.get("/tenants/:tenant/jobs/:id/events", async (c) => {
    const library = findTenant(c.req.param("tenant"));
    const job = await core.jobs.get(parseJobId(c.req.param("id")));
    if (job.library !== library) {
      throw new SpacedriveError("NOT_FOUND", `This tenant has no job ${c.req.param("id")}.`);
    }
    const events = async (stream: SSEStreamingApi): Promise<void> => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      for await (const update of job.updates({ signal: gone.signal }))
        await stream.writeSSE({ event: "update", data: JSON.stringify(update) });
      if (gone.signal.aborted) return;
      const { status, result, error } = await job.record();
      await stream.writeSSE({ event: "end", data: JSON.stringify({ status, result, error }) });
    };
    // The server closed: the job goes on at its next start, and the client asks again.
    return streamSSE(c, events, async (error) => {
      if (!isSpacedriveError(error) || error.code !== "CLOSED") console.error(error);
    });
  });

  return app;
}
