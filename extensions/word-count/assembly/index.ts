import { ExtensionContext, JobContext, Result } from "@spacedrive/sdk";
import { countLocation } from "./count";
import { CountResult, CountState, Summary, SummaryInput } from "./model";
import { summarize } from "./summary";

@extension({
  id: "word-count",
  name: "Word Count",
  version: "0.1.0",
  description: "Counts the lines, words and most frequent words of the text files of a location.",
  // Three calls a file: the default of 1,000 a minute would end in the middle of a large folder.
  permissions: { methods: ["vdfs."], rateLimits: { requestsPerMinute: 1000000 } },
})
class WordCountExtension {
  /** `sdx run extensions/word-count count --location DIR` */
  @job("count")
  static count(ctx: JobContext, state: CountState): Result<CountResult> {
    return countLocation(ctx, state);
  }

  /** `query:word-count:summary.v1` */
  @query({ name: "summary", version: 1, scope: "library" })
  static summary(ctx: ExtensionContext, input: SummaryInput): Result<Summary> {
    return summarize(ctx, input.location_id);
  }
}
