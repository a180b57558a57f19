/**
 * The shape of a line of `permissions.methods`, whole: `[query:|action:][<extension>:][<name>]`, where the name may end in
 * `.`, `.*` or a version. A lone `*`, an empty text and a query with `.input` are refused. docs/permissions.md explains it;
 * one pattern serves the manifest, its JSON Schema and the grants, so that they cannot disagree.
 */
export const METHOD_GRANT =
  /^(?!$)(?!\*$)(?!query:.*\.input(?:\.v[1-9][0-9]{0,5})?$)(?:(query|action):)?(?:((?!(?:query|action|host):)[a-z0-9][a-z0-9_-]{0,63}):)?(\*|[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?:\.\*?)?)?$/;

export const MAX_METHOD_GRANT_LENGTH = 256;

/** The rule in a sentence, for messages. */
export const METHOD_GRANT_RULE =
  'write a family ("vdfs."), an operation ("ai.ocr"), a kind ("query:") or another extension\'s ("finance:summary"); for all of the host\'s write "query:" and "action:".';
