export { smallCoreGuest } from "./guest/conformance/small-core-guests.js";
export {
  guestConformance,
  type GuestConformanceCase,
  type GuestConformanceTools,
  type SmallGuest,
} from "./guest/guest-conformance.js";
