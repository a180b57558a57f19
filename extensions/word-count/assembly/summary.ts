import { done, Entry, EntryFilter, ExtensionContext, orReturn, Result, Uuid } from "@spacedrive/sdk";
import { FileWords, Summary, WordMetadata } from "./model";

const LARGEST: i32 = 20;

/** Adds up what the job has noted in the metadata of entries. */
export function summarize(ctx: ExtensionContext, locationId: Uuid | null): Result<Summary> {
  const filter = new EntryFilter();
  filter.location_id = locationId;
  filter.entry_type = "file";
  const summary = new Summary();
  summary.largest = [];
  while (true) {
    const page = orReturn(ctx.vdfs().listPage(filter));
    for (const entry of page) addEntry(summary, entry);
    if (<u32>page.length < filter.limit) return done(summary);
    filter.after = page[page.length - 1].path;
    filter.after_id = page[page.length - 1].id;
  }
}

function addEntry(summary: Summary, entry: Entry): void {
  const noted = entry.metadata.as<WordMetadata>();
  // Not counted, or `words` is somebody else's.
  if (noted.failed) return;
  summary.files++;
  summary.words += noted.value.words;
  summary.lines += noted.value.lines;
  const file = new FileWords();
  file.path = entry.path;
  file.words = noted.value.words;
  file.lines = noted.value.lines;
  const largest = summary.largest;
  let at = largest.length;
  while (at > 0 && (file.words > largest[at - 1].words || (file.words == largest[at - 1].words && file.path < largest[at - 1].path))) at--;
  if (at == LARGEST) return;
  if (largest.length == LARGEST) largest.pop();
  largest.push(file);
  for (let i = largest.length - 1; i > at; i--) largest[i] = largest[i - 1];
  largest[at] = file;
}
