import fc from "fast-check";
import type { StoreFault, StoreOperation } from "../../src/index.js";
import type { Call, Program, Step, Versions } from "./program.js";

/** What is done to a run, a number of moments after what was done before. */
export interface Cut {
  readonly after: number;
  /** Which of the programs it is meant for, where it is meant for one. */
  readonly program: number;
  readonly what: CutKind;
}

export type CutKind =
  /** The process is gone, and with `power` all that was not synced. */
  | { readonly kind: "kill"; readonly power: boolean }
  /** `past`: its deadline is over at once. */
  | { readonly kind: "pause"; readonly past: boolean }
  /** And is resumed before it has ended. */
  | { readonly kind: "pause_resume" }
  /** What is under way then waits until after the attempt. */
  | { readonly kind: "stall" }
  | { readonly kind: "cancel" }
  | { readonly kind: "reload"; readonly past: boolean }
  /** The host is closed and opened again. */
  | { readonly kind: "restart" }
  /** `retried` by hand: it is a failure that would not pass by itself. */
  | { readonly kind: "trap"; readonly retried: boolean }
  | { readonly kind: "clock"; readonly byMs: number }
  | { readonly kind: "fault"; readonly fault: StoreFault; readonly operation: StoreOperation };

export interface Case {
  readonly programs: readonly Versions[];
  readonly cuts: readonly Cut[];
  readonly seed: number;
  readonly walLimitBytes: number;
  readonly journalQuotaBytes: number;
}

const simpleCall: fc.Arbitrary<Call> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Call>({ op: "append" }) },
  { weight: 4, arbitrary: fc.constant<Call>({ op: "noise" }) },
  { weight: 3, arbitrary: fc.constant<Call>({ op: "read", padding: 0 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 9 }).map<Call>((by) => ({ op: "bump", by })) },
  { weight: 2, arbitrary: fc.constant<Call>({ op: "append_host" }) },
  { weight: 2, arbitrary: fc.constant<Call>({ op: "send" }) },
  {
    weight: 6,
    arbitrary: fc.constantFrom<Call>(
      { op: "flaky" },
      { op: "gated" },
      { op: "limited" },
      { op: "reject" },
      { op: "broken" },
      { op: "missing" },
      { op: "invalid" },
      { op: "secret" },
      { op: "append_secret" },
      { op: "spawn" },
      { op: "spawn_many" },
      { op: "emit" },
    ),
  },
);

const call: fc.Arbitrary<Call> = fc.letrec<{ call: Call }>((tie) => ({
  call: fc.oneof(
    { maxDepth: 2, depthIdentifier: "outer" },
    { weight: 6, arbitrary: simpleCall },
    {
      weight: 1,
      arbitrary: fc
        .record({
          inner: fc.array(tie("call"), { maxLength: 5, depthIdentifier: "outer" }),
          foreign: fc.boolean(),
          fails: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
        })
        .map<Call>((outer) => ({ op: "outer", ...outer })),
    },
  ),
})).call;

const largeRead = fc.constantFrom(30_000, 600_000).map<Call>((padding) => ({ op: "read", padding }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: call.map<Step>((made) => ({ do: "call", call: made })) },
  { weight: 1, arbitrary: largeRead.map<Step>((made) => ({ do: "call", call: made })) },
  {
    weight: 1,
    arbitrary: fc.array(simpleCall, { minLength: 2, maxLength: 3 }).map<Step>((calls) => ({ do: "parallel", calls })),
  },
  { weight: 3, arbitrary: fc.boolean().map<Step>((must) => ({ do: "checkpoint", must })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ bytes: fc.nat(9), items: fc.nat(9), warns: fc.boolean() })
      .map<Step>((counts) => ({ do: "report", ...counts })),
  },
  { weight: 3, arbitrary: fc.boolean().map<Step>((saves) => ({ do: "look", saves })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ bit: fc.nat(7), by: fc.integer({ min: 1, max: 3 }) })
      .map<Step>((skip) => ({ do: "skip", ...skip })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>(
      { do: "sleep", ms: 0 },
      { do: "sleep", ms: 5_000 },
      { do: "nap", ms: 5_000 },
      { do: "await_children" },
      { do: "await_event" },
    ),
  },
);

const program: fc.Arbitrary<Program> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 14, size: "max" }),
  end: fc.oneof(
    { weight: 5, arbitrary: fc.constant("completed" as const) },
    { weight: 1, arbitrary: fc.constant("failed" as const) },
  ),
  asText: fc.boolean(),
  stubborn: fc.boolean(),
});

const cutKind: fc.Arbitrary<CutKind> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<CutKind>({ kind: "kill", power: false }) },
  { weight: 4, arbitrary: fc.constant<CutKind>({ kind: "kill", power: true }) },
  { weight: 6, arbitrary: fc.boolean().map<CutKind>((past) => ({ kind: "pause", past })) },
  { weight: 2, arbitrary: fc.constant<CutKind>({ kind: "pause_resume" }) },
  { weight: 2, arbitrary: fc.constant<CutKind>({ kind: "stall" }) },
  { weight: 1, arbitrary: fc.constant<CutKind>({ kind: "cancel" }) },
  { weight: 2, arbitrary: fc.boolean().map<CutKind>((past) => ({ kind: "reload", past })) },
  { weight: 2, arbitrary: fc.constant<CutKind>({ kind: "restart" }) },
  { weight: 3, arbitrary: fc.boolean().map<CutKind>((retried) => ({ kind: "trap", retried })) },
  { weight: 1, arbitrary: fc.constantFrom(-3_600_000, 3_600_000).map<CutKind>((byMs) => ({ kind: "clock", byMs })) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        fault: fc.constantFrom<StoreFault[]>("disk-full", "io-error", "locked"),
        operation: fc.constantFrom<StoreOperation[]>("begin", "work", "commit"),
      })
      .map<CutKind>((fault) => ({ kind: "fault", ...fault })),
  },
);

const unchanged = program.map((only): Versions => [only]);

export const cut: fc.Arbitrary<Cut> = fc.record({
  after: fc.oneof({ weight: 3, arbitrary: fc.nat(30) }, { weight: 1, arbitrary: fc.nat(150) }),
  program: fc.nat(1),
  what: cutKind,
});

/** Programs whose code stays as it is, and all that can be done to them. */
export const fuzzCase: fc.Arbitrary<Case> = fc.record({
  programs: fc.oneof(
    { weight: 4, arbitrary: fc.array(unchanged, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(unchanged, { minLength: 2, maxLength: 2 }) },
  ),
  cuts: fc.array(cut, { maxLength: 6, size: "max" }),
  seed: fc.nat(),
  walLimitBytes: fc.constantFrom(4 * 1_048_576, 64 * 1_024),
  journalQuotaBytes: fc.oneof(
    { weight: 4, arbitrary: fc.constant(64 * 1_048_576) },
    { weight: 1, arbitrary: fc.constant(1_500) },
  ),
});
