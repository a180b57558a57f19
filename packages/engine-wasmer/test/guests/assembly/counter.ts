// A WASI command with an operation and a job that can be paused, stopped and started again anywhere.

import "./abort";
import { answer, ask, begin, beginAnswer, endAnswer, fail, field, interrupt, put, putBytes, readRecord, tell } from "./records";

const NOT_FOUND = -32601;

function register(kind: string, name: string, exportName: string): void {
  begin("register");
  put(`"kind":"${kind}","name":"${name}","export":"${exportName}"`);
  ask();
}

function start(id: string): void {
  register("query", "greeting.v1", "greeting");
  register("job", "counter", "execute_counter");
  answer(id, "1");
}

/** Asks the host's test.ping, and answers what it says. */
function greeting(id: string): void {
  const input = field("input").copy();
  begin("call");
  put(`"method":"query:test.ping.v1","library":`);
  put(library);
  put(`,"payload":"`);
  putBytes(input);
  put(`"`);
  ask();
  const said = field("result").copy();
  beginAnswer(id);
  put(`"`);
  putBytes(said);
  put(`"`);
  endAnswer();
}

let library: string = "null";

/** The number after a name in the JSON of a state, whose quotes are escaped inside a record. */
function numberIn(text: string, name: string, otherwise: i32): i32 {
  const key = text.indexOf(name);
  if (key < 0) return otherwise;
  const digits = text.substring(text.indexOf(":", key) + 1).trimStart();
  return I32.parseInt(digits);
}

/** Counts to the target; each count is an action of the host, and every tenth a checkpoint. */
function counter(id: string): void {
  const state = field("state").text();
  let current = numberIn(state, "current", 0);
  const target = numberIn(state, "target", 0);
  while (current < target) {
    current++;
    begin("call");
    put(`"method":"action:test.append.input.v1","library":${library},"payload":{"message":"line ${current}"}`);
    ask();
    if (field("result").text().includes("error")) {
      if (interrupt() != 0) return answer(id, "1");
      tell("fail", `"message":"the host refused line ${current}"`);
      return answer(id, "2");
    }
    tell("progress", `"fraction":${<f64>current / <f64>target},"message":"Counted ${current}/${target}"`);
    tell("add_items", `"count":1`);
    if (current % 10 == 0 || interrupt() != 0) {
      begin("checkpoint");
      put(`"state":{"current":${current},"target":${target}}`);
      ask();
      if (interrupt() != 0) return answer(id, "1");
    }
  }
  tell("complete", `"result":{"counted":${current}}`);
  answer(id, "0");
}

/** `library_id` in the context, which is JSON inside a JSON string. */
function readLibrary(): void {
  const context = field("context").text();
  const key = context.indexOf("library_id");
  const from = context.indexOf("-", key) - 8;
  library = from < 0 || key < 0 ? "null" : `"${context.substr(from, 36)}"`;
}

while (readRecord()) {
  const id = field("id").text();
  const method = field("method").text();
  const exported = field("export").text();
  if (method == "start") start(id);
  else {
    readLibrary();
    if (method == "handle" && exported == "greeting") greeting(id);
    else if (method == "job" && exported == "execute_counter") counter(id);
    else fail(id, NOT_FOUND, "there is none");
  }
}
