export { VirtualClock as ManualClock } from "@spacedrive/wire/testing";
