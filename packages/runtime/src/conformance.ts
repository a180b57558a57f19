export {
  guestConformance,
  type GuestConformanceCase,
  type GuestConformanceTools,
} from "./guest/guest-conformance.js";
