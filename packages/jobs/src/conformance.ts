export type { ConformanceCase, StoreUnderTest } from "./store/conformance-case.js";
export { jobStoreConformance } from "./store/job-store-conformance.js";
