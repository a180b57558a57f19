/** What the command answers to the shell; a contract for scripts. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  cancelled: 3,
  paused: 4,
  /** Ctrl-C ended the command, and not what it looked at: 128 + SIGINT. */
  interrupted: 130,
  /** Whoever read the output went away: 128 + SIGPIPE. */
  brokenPipe: 141,
} as const;
