import type { FieldRules } from "./fields.js";

const ID = /^(?!(?:query|action|host)$)[a-z0-9][a-z0-9_-]{0,63}$/;
const ID_RULE = 'lower-case letters, digits, - and _, at most 64, and not "query", "action" or "host"';
const JOB_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const OPERATION_NAME = /^(?!(?:.*\.)?(?:input|v[1-9][0-9]{0,5})$)[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*$/;

/** The runtime's rule for a line of `permissions.methods`; tests hold the two together. */
const METHOD_GRANT =
  /^(?!$)(?!\*$)(?!.{257})(?!query:.*\.input(?:\.v[1-9][0-9]{0,5})?$)(?:(query|action):)?(?:((?!(?:query|action|host):)[a-z0-9][a-z0-9_-]{0,63}):)?(\*|[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?:\.\*?)?)?$/;

/** What `@extension({ … })` takes: every field of the manifest, in camelCase. */
export const extensionFields: FieldRules = {
  id: { type: "string", pattern: ID, rule: ID_RULE, required: true },
  name: { type: "string", pattern: /\S/, rule: "a name for people", required: true },
  version: { type: "string", pattern: /\S/, rule: 'a version, such as "0.1.0"', required: true },
  description: { type: "string" },
  author: { type: "string" },
  homepage: { type: "string" },
  wasmFile: {
    type: "string",
    pattern: /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+$/,
    rule: "a path inside the extension's folder",
  },
  permissions: {
    type: "object",
    fields: {
      methods: {
        type: "strings",
        pattern: METHOD_GRANT,
        rule: 'method grants: a family ("vdfs."), an operation ("ai.ocr"), a kind ("query:") or another extension\'s ("finance:summary"); for all of the host\'s write "query:" and "action:"',
      },
      libraries: {
        type: "strings",
        pattern: /^(?:\*|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/,
        rule: '"*" or UUIDs of libraries',
      },
      rateLimits: {
        type: "object",
        fields: { requestsPerMinute: { type: "integer", minimum: 1 }, concurrentJobs: { type: "integer", minimum: 1 } },
      },
      networkAccess: { type: "strings" },
      maxMemoryMb: { type: "integer", minimum: 1 },
    },
  },
  configSchema: { type: "json" },
};

/** What `@job({ … })` takes. */
export const jobFields: FieldRules = {
  name: {
    type: "string",
    pattern: JOB_NAME,
    rule: "letters, digits, _, . and -, at most 64, starting with a letter or digit",
  },
  resumable: { type: "boolean" },
};

/** What `@query({ … })` and `@action({ … })` take. */
export const operationFields: FieldRules = {
  name: {
    type: "string",
    pattern: OPERATION_NAME,
    rule: "lower-case letters, digits and _ in dotted parts, without the version",
  },
  version: { type: "integer", minimum: 1 },
  scope: { type: "one-of", values: ["library", "host"] },
  description: { type: "string" },
};
