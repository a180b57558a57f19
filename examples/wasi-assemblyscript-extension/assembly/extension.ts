// What the host asks for: a query and a job. What the manifest declares need not be registered; it is, so that an export that the two
// name differently is found by `sdx check` and by each load, and not by the first call.

import { quote, readFields, textOf } from "@spacedrive/example-assemblyscript-guest/assembly/json";
import { count, greet } from "@spacedrive/example-assemblyscript-guest/assembly/work";
import { answer, Command, nextCommand, NOT_FOUND, RecordsHost, refuse, register } from "./records";

const PROTOCOL = "1";
/** Of JSON-RPC 2.0, for faults of its server. */
const REFUSED = -32000;

const host = new RecordsHost();

while (true) {
  const command = nextCommand();
  if (command === null) break;
  serve(command);
}

function serve(command: Command): void {
  const name = command.text("export");
  if (command.method == "start") start(command);
  else if (command.method == "handle" && name == "query_greet_v1") {
    answer(command, quote(greet(host, libraryOf(command), command.text("input"))));
  } else if (command.method == "job" && name == "execute_count") {
    answer(command, count(host, libraryOf(command), command.text("state")).toString());
  } else refuse(command, NOT_FOUND, `There is no ${command.method} "${name}".`);
}

function start(command: Command): void {
  const registered = register("query", "greet.v1", "query_greet_v1") && register("job", "count", "execute_count");
  if (registered) answer(command, PROTOCOL);
  else refuse(command, REFUSED, "a registration was refused: the host's log says why");
}

/** The library of a command's context; null where it has none. */
function libraryOf(command: Command): string | null {
  return textOf(readFields(command.text("context")), "library_id");
}
