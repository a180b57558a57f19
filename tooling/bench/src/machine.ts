import { cpus, loadavg, totalmem } from "node:os";

/** What the figures depend on, and no name of anything. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** Load average of the last minute when the run began: above 0.5, others were at work. */
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0] ?? 0,
  };
}

export function formatMachine({ node, platform, cores, memoryGiB, load }: Machine): string {
  return `Node ${node}, ${platform}, ${cores} cores, ${memoryGiB} GiB, load ${load.toFixed(2)} at the start`;
}
