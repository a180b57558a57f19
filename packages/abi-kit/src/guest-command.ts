import { SpacedriveError } from "@spacedrive/wire";

export interface GuestCommandOptions {
  readonly file: string;
  readonly only: readonly string[];
  readonly json: boolean;
  readonly timeoutMs: number;
}

export async function runGuestCommand(options: GuestCommandOptions): Promise<number> {
  throw new SpacedriveError("NOT_FOUND", options.file);
}
