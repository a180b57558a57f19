import { done, Entry, EntryFilter, JobContext, orReturn, Result, text } from "@spacedrive/sdk";
import { addTable, topOfMap, topOfTable } from "./frequencies";
import { CountResult, CountState, FileReport, WordMetadata } from "./model";
import * as scanner from "./scan";
import { WordTable } from "./word-table";

/** Files that are listed at once while they are counted only in number. */
const PAGE: u32 = 200;
/** Files between two checkpoints. */
const CHECKPOINT_EVERY: u32 = 8;
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/** Files that are surely no text, so that nobody need read them. */
const BINARY: string[] = [
  "png", "jpg", "jpeg", "gif", "webp", "bmp", "ico", "tif", "tiff", "heic", "avif", "psd",
  "mp3", "wav", "flac", "ogg", "m4a", "mp4", "mov", "mkv", "webm", "avi",
  "zip", "gz", "tgz", "xz", "zst", "bz2", "7z", "rar", "tar", "jar",
  "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "epub",
  "wasm", "exe", "dll", "so", "dylib", "o", "a", "node", "bin", "dat", "db", "sqlite", "woff", "woff2", "ttf", "otf",
];

/** Counts file after file, from where the state stands. */
export function countLocation(ctx: JobContext, state: CountState): Result<CountResult> {
  orReturn(countFiles(ctx, state));
  const table = new WordTable();
  // A page is what lies between two checkpoints: whoever goes on from one lists the next page first, as this does, so that the
  // calls after a checkpoint are the same whether the job was interrupted or not.
  const filter = filterOf(state, CHECKPOINT_EVERY);
  while (true) {
    filter.after = state.cursor;
    const page = orReturn(ctx.vdfs().listPage(filter));
    for (const entry of page) {
      orReturn(ctx.interrupted());
      orReturn(countFile(ctx, state, entry, table));
      state.cursor = entry.path;
      const finished = state.files + state.skipped;
      // A file that came since they were counted must not take the bar beyond its end.
      const progress = <f32>finished / <f32>max(state.total, finished);
      ctx.reportProgress(progress, `${finished}/${max(state.total, finished)} ${entry.path}`);
    }
    if (<u32>page.length < CHECKPOINT_EVERY) break;
    orReturn(ctx.checkpoint(state));
  }
  // So that the job's last state, which is shown with it, is the whole count.
  orReturn(ctx.checkpoint(state));
  return done(resultOf(state));
}

/** How many files there are: what progress is measured by. */
function countFiles(ctx: JobContext, state: CountState): Result<void> {
  if (state.listed) return done();
  const filter = filterOf(state, PAGE);
  // Not in the state before it is whole: who is interrupted begins anew.
  let total: u32 = 0;
  while (true) {
    orReturn(ctx.interrupted());
    const page = orReturn(ctx.vdfs().listPage(filter));
    total += page.length;
    if (<u32>page.length < PAGE) break;
    filter.after = page[page.length - 1].path;
  }
  state.total = total;
  state.listed = true;
  return ctx.checkpoint(state);
}

function filterOf(state: CountState, limit: u32): EntryFilter {
  const filter = new EntryFilter();
  filter.location_id = state.location_id;
  filter.entry_type = "file";
  filter.limit = limit;
  return filter;
}

function countFile(ctx: JobContext, state: CountState, entry: Entry, table: WordTable): Result<void> {
  if (BINARY.includes(text.extensionOf(entry.name))) {
    state.skipped++;
    return done();
  }
  if (entry.size > MOST_BYTES) return skip(ctx, state, entry, `has ${entry.size} bytes, more than ${MOST_BYTES}`);
  const read = ctx.vdfs().readFile(entry.id, MOST_BYTES);
  if (read.failed) {
    const code = read.error.code;
    const isFilesFault = code == "NOT_FOUND" || code == "PATH_DENIED" || code == "PAYLOAD_TOO_LARGE" || code == "OPERATION_FAILED";
    return isFilesFault ? skip(ctx, state, entry, read.error.message) : read.failureOf<void>();
  }
  const bytes = read.value;
  table.clear();
  if (!scanner.scan(bytes, table)) return skip(ctx, state, entry, "is not UTF-8 text");
  const report = new FileReport();
  report.lines = scanner.lines;
  report.words = scanner.words;
  report.bytes = bytes.length;
  report.most_frequent = topOfTable(table);
  orReturn(ctx.vdfs().writeJsonSidecar(entry.id, "word-count.json", report));
  const metadata = new WordMetadata();
  metadata.words = report.words;
  metadata.lines = report.lines;
  orReturn(ctx.vdfs().updateMetadata(entry.id, metadata));
  addTable(state.frequencies, table);
  state.files++;
  state.lines += report.lines;
  state.words += report.words;
  state.bytes += report.bytes;
  ctx.incrementItems(1);
  ctx.incrementBytes(report.bytes);
  return done();
}

function skip(ctx: JobContext, state: CountState, entry: Entry, reason: string): Result<void> {
  ctx.addWarning(`${entry.path} was left out: ${reason}`);
  state.skipped++;
  return done();
}

function resultOf(state: CountState): CountResult {
  const result = new CountResult();
  result.files = state.files;
  result.skipped = state.skipped;
  result.lines = state.lines;
  result.words = state.words;
  result.bytes = state.bytes;
  result.most_frequent = topOfMap(state.frequencies);
  return result;
}
