export { createTestHost, type TestHostOptions } from "./create-test-host.js";
export type { TestHost } from "./test-host.js";
export type { TestJob, TestJobRecord } from "./test-job.js";
export type { TestEntry, TestSidecar } from "./library-reader.js";
export type { ClockFault, DatabaseFault, DiskFault, Fault, FaultOperation, FiredFault, KillFault } from "./fault.js";
export type { HostFaults } from "./fault-plan.js";
export type { LogLine, StartOptions } from "./host-link.js";
export { VirtualClock } from "@spacedrive/wire/testing";
