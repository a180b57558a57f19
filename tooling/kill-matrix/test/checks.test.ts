import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { appendFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { generateFolder } from "../src/generate-folder.ts";
import { AcknowledgedLog, fingerprintOf, readAcknowledged } from "../src/host/acknowledged.ts";
import { countWords } from "../src/host/count-words.ts";
import { openHost } from "../src/host/open-host.ts";
import { StoreCuts } from "../src/host/store-cuts.ts";
import { canonicalLibrary } from "../src/library/canonical-library.ts";
import { checkHistory } from "../src/library/check-history.ts";
import { checkRun } from "../src/library/check-run.ts";
import { diffLibraries } from "../src/library/diff-libraries.ts";
import { libraryFolder, type Scene, sceneIn } from "../src/scene.ts";

let place = "";
/** A run that has come to its end, and what each test may change: a copy of it. */
let original: Scene;
let scene: Scene;

async function run(on: Scene): Promise<void> {
  await using host = await openHost(on, new StoreCuts(null));
  await countWords(host, on);
}

/** Changes the library behind its back. */
function change(sql: string, ...params: (string | number)[]): void {
  const database = new DatabaseSync(join(libraryFolder(scene), "library.db"));
  database.prepare(sql).run(...params);
  database.close();
}

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "kill-matrix-test-"));
  original = await newScene("original");
  await generateFolder(original.folder, 6, 1);
  await run(original);
}, 60_000);

beforeEach(async () => {
  scene = await newScene("copy");
  await cp(original.dataDir, scene.dataDir, { recursive: true });
  await cp(original.acknowledged, scene.acknowledged);
});

afterEach(() => rm(join(place, "copy"), { recursive: true }));

afterAll(() => rm(place, { recursive: true, force: true }));

async function newScene(name: string): Promise<Scene> {
  await mkdir(join(place, name), { recursive: true });
  return sceneIn(join(place, name), join(place, "files"));
}

describe("what is compared", { timeout: 60_000 }, () => {
  it("is equal for two runs over one folder, and for one that is opened again", async () => {
    const expected = canonicalLibrary(scene);
    await run(scene);
    expect(diffLibraries(expected, canonicalLibrary(scene))).toEqual([]);
    const other = await newScene("other");
    await run(other);
    expect(diffLibraries(expected, canonicalLibrary(other))).toEqual([]);
    expect([...checkRun(scene), ...checkRun(other), ...checkHistory(scene), ...checkHistory(other)]).toEqual([]);
  });

  it.each([
    ["a word more in the metadata", "UPDATE entries SET metadata = replace(metadata, '1', '2')", /metadata/],
    ["another size", "UPDATE entries SET size = size + 1 WHERE path = 'latin1.txt'", /latin1/],
    ["an entry that is gone", "DELETE FROM entries WHERE path = 'latin1.txt'", /entry removed|missing/],
    ["a warning more", "INSERT INTO job_warnings SELECT id, 9, 'again' FROM jobs LIMIT 1", /again/],
    [
      "a record of a call that is left",
      `INSERT INTO job_records SELECT id, 1, '', 0, NULL, '', '', '', 0, '', NULL FROM jobs LIMIT 1`,
      /job_records/,
    ],
    ["a job more", "UPDATE jobs SET status = 'queued' WHERE type = 'word-count:count'", /queued/],
    ["another result", "UPDATE jobs SET result = replace(result, 'files', 'filez')", /filez/],
    ["another state", "UPDATE jobs SET state = replace(state, 'cursor', 'course')", /course/],
    ["a metric that is counted twice", "UPDATE jobs SET bytes = bytes * 2", /bytes/],
    ["an effect more", "INSERT INTO effects (what, id) VALUES ('metadata written', 'another')", /another/],
  ])("tells %s", (_what, sql, expected) => {
    const before = canonicalLibrary(scene);
    change(sql);
    expect(diffLibraries(before, canonicalLibrary(scene)).join("\n")).toMatch(expected);
  });

  it("tells a sidecar with other bytes of the same length, and a file that no sidecar names", async () => {
    const before = canonicalLibrary(scene);
    const sidecars = join(libraryFolder(scene), "sidecars");
    const [shard = ""] = await readdir(sidecars);
    const [file = ""] = await readdir(join(sidecars, shard));
    await writeFile(join(sidecars, shard, "surplus"), "");
    appendFileSync(join(sidecars, shard, file), " ");
    const told = diffLibraries(before, canonicalLibrary(scene)).join("\n");
    expect(told).toMatch(/sidecar <entry/);
    expect(told).toMatch(/a file that no sidecar names: .*surplus/);
  });
});

describe("what is looked at after each kill", () => {
  it("tells an effect that was made twice, though it left the same", () => {
    change("UPDATE entries SET metadata = metadata WHERE metadata <> '{}' AND path = 'empty.txt'");
    expect(checkRun(scene)).toEqual([expect.stringMatching(/an effect was made 2 times: metadata written/)]);
  });

  it("tells a sidecar whose file is not there", () => {
    rmSync(join(libraryFolder(scene), "sidecars"), { recursive: true });
    expect(checkRun(scene)[0]).toMatch(/names [0-9]+ bytes, and none are there/);
    expect(checkRun(scene).at(-1)).toMatch(/its file is not there/);
  });

  it("tells what was acknowledged and is not there", () => {
    const last = readAcknowledged(scene.acknowledged).findLast(({ type }) => type === "checkpoint");
    if (last?.type !== "checkpoint") throw new Error("nothing was acknowledged");
    {
      using log = new AcknowledgedLog(scene.acknowledged);
      log.note({ type: "location-added", location: "lost", job: last.job });
      log.note({ type: "dispatched", job: "lost" });
      log.note({ type: "done", job: "lost" });
      log.note({ ...last, state: fingerprintOf("another") });
      log.note({ ...last, job: "lost" });
    }
    const told = checkRun(scene);
    expect(told).toHaveLength(5);
    expect(told.join("\n")).toMatch(
      /no such location.*no such job.*the job is undefined.*its state is another.*at checkpoint -1/s,
    );
    change("UPDATE jobs SET checkpoint = checkpoint - 1 WHERE id = ?", last.job);
    expect(checkRun(scene).join("\n")).toContain(`the job is at checkpoint ${last.checkpoint - 1}`);
  });

  it("tells actions that were acknowledged and whose effects are not there", () => {
    change("DELETE FROM sidecars");
    change("UPDATE entries SET metadata = '{}'");
    const told = checkRun(scene).join("\n");
    expect(told).toContain("there is no such sidecar");
    expect(told).toContain("the metadata is {}");
  });

  it("takes no notice of a line that a kill has cut off", () => {
    appendFileSync(scene.acknowledged, '\n{"type":"dispatched","job":"lo');
    using log = new AcknowledgedLog(scene.acknowledged);
    const [first] = readAcknowledged(scene.acknowledged);
    if (first === undefined) throw new Error("nothing was acknowledged");
    log.note(first);
    expect(checkRun(scene)).toEqual([]);
  });

  it("tells a damaged database", () => {
    change("DELETE FROM jobs WHERE type = 'word-count:count'");
    const database = new DatabaseSync(join(libraryFolder(scene), "library.db"));
    database.exec("PRAGMA foreign_keys = OFF; UPDATE entries SET location_id = 'nowhere'");
    database.close();
    expect(checkRun(scene).join("\n")).toMatch(/library\.db has a row that refers to nothing/);
  });
});

describe("the history of a job", () => {
  it.each([
    [
      "a checkpoint twice",
      `INSERT INTO job_history SELECT job_id, number + 1000, entry FROM job_history WHERE entry LIKE '%"kind":"checkpoint"%'`,
    ],
    [
      "an action more than were made",
      `INSERT INTO job_history SELECT job_id, -n - number, entry FROM job_history, (SELECT 100 AS n UNION SELECT 200) WHERE entry LIKE '%action:%'`,
    ],
    ["no end", "DELETE FROM job_history WHERE entry LIKE '%completed%'"],
  ])("may not have %s", (_what, sql) => {
    expect(checkHistory(scene)).toEqual([]);
    change(sql);
    expect(checkHistory(scene).join("\n")).toMatch(/the history of \S+ is wrong/);
  });
});
