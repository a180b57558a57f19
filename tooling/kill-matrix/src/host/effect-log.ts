import type { SqliteDatabase } from "@spacedrive/jobs";

/**
 * Lets the database of a library itself write down every effect on it, in the transaction of the effect: an effect that was made
 * twice stands there twice, also where the second leaves what the first did.
 */
export function installEffectLog(database: SqliteDatabase): void {
  database.migrate("kill_matrix", [{ name: "log effects", sql: [LOG, ...EFFECTS.map(trigger)].join("\n") }]);
}

const LOG = "CREATE TABLE effects (number INTEGER PRIMARY KEY, what TEXT NOT NULL, id TEXT NOT NULL) STRICT;";

const EFFECTS: readonly (readonly [event: string, what: string, id: string])[] = [
  ["INSERT ON locations", "'location added'", "NEW.id"],
  ["INSERT ON entries", "'entry added'", "NEW.id"],
  ["DELETE ON entries", "'entry removed'", "OLD.id"],
  ["UPDATE OF metadata ON entries", "'metadata written'", "NEW.id"],
  ["INSERT ON sidecars", "NEW.filename || ' written'", "NEW.entry_id"],
  ["UPDATE ON sidecars", "NEW.filename || ' written'", "NEW.entry_id"],
  ["DELETE ON sidecars", "OLD.filename || ' removed'", "OLD.entry_id"],
  ["INSERT ON jobs", "'job dispatched'", "NEW.id"],
];

function trigger([event, what, id]: (typeof EFFECTS)[number], index: number): string {
  return `CREATE TRIGGER log_effect_${index} AFTER ${event} BEGIN INSERT INTO effects (what, id) VALUES (${what}, ${id}); END;`;
}
