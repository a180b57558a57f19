import { expect, it } from "vitest";
import { z } from "zod";
import { defineAction, defineQuery, implement } from "./operation.js";

const shape = { scope: "host", input: z.object({}), output: z.object({ ok: z.boolean() }) } as const;

it.each([
  ["directly", z.object({ error: z.string() })],
  ["in a union", z.union([z.object({ ok: z.boolean() }), z.object({ error: z.string().optional() })])],
  ["in an intersection", z.intersection(z.object({ a: z.string() }), z.object({ error: z.number() }))],
])("refuses an output with a top-level error field %s", (_how, output) => {
  expect(() => defineQuery({ ...shape, name: "a.b", output })).toThrowError(/top-level field "error"/);
});

it("allows an error field below the top", () => {
  const output = z.object({ jobs: z.array(z.object({ error: z.string() })) });
  expect(() => defineQuery({ ...shape, name: "a.b", output })).not.toThrow();
});

it.each(["", "Test.ping", "a..b", "ping.v1", "write.input", "constructor()", "a-b"])("refuses the name %j", (name) => {
  expect(() => defineAction({ ...shape, name })).toThrowError(expect.objectContaining({ code: "INVALID_INPUT" }));
});

it.each([0, -1, 1.5, Number.NaN, 1_000_000])("refuses the version %d", (version) => {
  expect(() => defineQuery({ ...shape, name: "a.b", version })).toThrowError(/version/);
});

it("joins a definition with its handler later", () => {
  const definition = defineQuery({ ...shape, name: "a.b" });
  expect("handler" in definition).toBe(false);
  expect(implement(definition, { run: () => ({ ok: true }) })).toMatchObject({ name: "a.b", kind: "query" });
});

it("types the handler by scope and schemas", () => {
  const typed = defineAction({
    name: "a.b",
    scope: "library",
    input: z.object({ count: z.coerce.number() }),
    output: z.object({ twice: z.number() }),
    prepare: (ctx, input) => ({ library: ctx.library satisfies string, count: input.count satisfies number }),
    commit: (_tx, prepared) => ({ twice: prepared.count * 2 }),
  });
  defineQuery({
    name: "a.b",
    scope: "host",
    input: z.object({}),
    output: z.object({}),
    // @ts-expect-error A host operation has no library.
    run: (ctx) => ({ library: ctx.library.length }),
  });
  expect(typed.scope satisfies "library").toBe("library");
});
