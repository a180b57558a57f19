import { ERROR_CODES } from "@spacedrive/wire";

const intro = `# Error codes

Every failure that leaves the platform has one of these codes: in a \`SpacedriveError\` inside the process, and in the envelope
\`{ "error": "…", "code": "…", "retryable": false, … }\` towards guests, clients and the command line. Match on \`code\`; the text
of a message may change, the meaning of a released code never does. *Retryable* says that the same call may succeed later
without a change.

This page is written from \`ERROR_CODES\` in \`packages/wire/src/errors.ts\` by \`pnpm --filter @spacedrive/docs run errors\`.
`;

/** docs/errors.md as the table says it. */
export function errorsPage(): string {
  const sections = Object.entries(ERROR_CODES).map(
    ([code, { meaning, remedy, retryable }]) =>
      `## ${code}\n\n${meaning}${retryable ? " *Retryable.*" : ""}\n\nWhat to do: ${remedy}\n`,
  );
  return [intro, ...sections].join("\n");
}
