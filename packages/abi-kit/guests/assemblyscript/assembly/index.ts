// The test extension that `abi-kit guest` plays its host to, built with @spacedrive/sdk. The kit's README says what each
// operation and the job must do; an SDK for another language builds the same.
import { done, ExtensionContext, fail, JobContext, orReturn, Result, Uuid } from "@spacedrive/sdk";

@json export class Text { text: string = ""; }
@json export class Summands { a: i64 = 0; b: i64 = 0; }
@json export class Sum { sum!: i64; }
@json export class Reason { message: string = ""; }
@json export class Asked { library_id: Uuid | null = null; caller: string = ""; }
@json export class Recovered { code: string = ""; message: string = ""; retryable: bool = false; }
@json export class Stored { id!: u64; }
@json export class CountState { target: u32 = 0; fail_at: u32 = 0; current: u32 = 0; }
@json export class Counted { counted!: u32; }

@extension({
  id: "kit-guest",
  name: "Kit Guest",
  version: "0.1.0",
  description: "What the conformance kit asks of a guest SDK.",
  permissions: { methods: ["kit."] },
})
class KitGuest {
  @query({ name: "echo", version: 1, scope: "host" })
  static echo(ctx: ExtensionContext, input: Text): Result<Text> {
    return done(input);
  }

  @query({ name: "add", version: 1, scope: "host" })
  static add(ctx: ExtensionContext, input: Summands): Result<Sum> {
    const sum = new Sum();
    sum.sum = input.a + input.b;
    return done(sum);
  }

  @query({ name: "fail", version: 1, scope: "host" })
  static fail(ctx: ExtensionContext, input: Reason): Result<Text> {
    return fail<Text>("OPERATION_FAILED", input.message);
  }

  @query({ name: "context", version: 1, scope: "host" })
  static context(ctx: ExtensionContext, input: Text): Result<Asked> {
    const asked = new Asked();
    asked.library_id = ctx.libraryId;
    asked.caller = ctx.caller;
    return done(asked);
  }

  @query({ name: "relay", version: 1, scope: "host" })
  static relay(ctx: ExtensionContext, input: Text): Result<Text> {
    return ctx.call<Text, Text>("query:kit.echo.v1", input);
  }

  @query({ name: "recover", version: 1, scope: "host" })
  static recover(ctx: ExtensionContext, input: Text): Result<Recovered> {
    const answer = ctx.call<Text, Text>("query:kit.missing.v1", input);
    const recovered = new Recovered();
    if (answer.failed) {
      recovered.code = answer.error.code;
      recovered.message = answer.error.message;
      recovered.retryable = answer.error.retryable;
    }
    return done(recovered);
  }

  @action({ name: "store", version: 1, scope: "host" })
  static store(ctx: ExtensionContext, input: Text): Result<Stored> {
    return ctx.call<Text, Stored>("action:kit.store.input.v1", input);
  }

  @job("count")
  static count(ctx: JobContext, state: CountState): Result<Counted> {
    if (state.current == 0) ctx.addWarning(`counting to ${state.target} €`);
    while (state.current < state.target) {
      orReturn(ctx.interrupted());
      state.current++;
      if (state.current == state.fail_at) return fail<Counted>("OPERATION_FAILED", `asked to fail at ${state.fail_at}`);
      ctx.incrementItems(1);
      ctx.incrementBytes(1024);
      ctx.reportProgress(<f32>state.current / <f32>state.target, `${state.current}/${state.target}`);
      if (state.current % 10 == 0) orReturn(ctx.checkpoint(state));
    }
    const counted = new Counted();
    counted.counted = state.current;
    return done(counted);
  }
}
