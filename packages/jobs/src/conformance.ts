export { type ConformanceCase, jobStoreConformance, type StoreUnderTest } from "./store/job-store-conformance.js";
