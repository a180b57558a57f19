import { currentContext, done, ExtensionContext, JobContext, log, orReturn, Result } from "@spacedrive/sdk";

@json export class PingInput { message: string = ""; count: u32 = 1; }
@json export class PingOutput { echo!: string; count!: u32; extension_works!: bool; }
@json export class CounterState { current: u32 = 0; target: u32 = 0; processed: string[] = []; }

@extension({
  id: "test-extension",
  name: "Test Extension",
  version: "0.1.0",
  description: "A counter job and a ping: the smallest whole extension.",
  permissions: { methods: ["test."] },
})
class TestExtension {
  // The hooks run in every instance: one at the load, one for each library that calls, one for each attempt of a job.
  static onInit(ctx: ExtensionContext): Result<void> {
    ctx.log("✓ Test extension: an instance is ready");
    return done();
  }

  static onCleanup(ctx: ExtensionContext): Result<void> {
    ctx.log("Test extension: an instance is leaving");
    return done();
  }

  @query({ name: "ping", version: 1, scope: "library" })
  static ping(ctx: ExtensionContext, input: PingInput): Result<PingOutput> {
    return ctx.call<PingInput, PingOutput>("query:test.ping.v1", input);
  }

  @job("counter")
  static counter(ctx: JobContext, state: CounterState): Result<void> {
    while (state.current < state.target) {
      orReturn(ctx.interrupted()); // paused or cancelled: the state is checkpointed, the job ends as interrupted
      state.current++;
      state.processed.push(`item_${state.current}`);
      ctx.reportProgress(<f32>state.current / <f32>state.target, `Counted ${state.current}/${state.target}`);
      ctx.incrementItems(1);
      if (state.current % 10 == 0) orReturn(ctx.checkpoint(state));
    }
    return done();
  }
}

/** A plain export, for `plugin.call("test_ping_operation")`: it asks the host what the query above asks it. */
export function test_ping_operation(): void {
  log.info("test_ping_operation() called");
  const input = new PingInput();
  input.message = "Hello from WASM!";
  const pong = currentContext().call<PingInput, PingOutput>("query:test.ping.v1", input);
  if (pong.failed) log.error("✗ Test ping failed: " + pong.error.toString());
  else log.info("✓ Test ping completed");
}
