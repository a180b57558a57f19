import type { CanonicalLibrary } from "../library/canonical-library.ts";
import type { Scene } from "../scene.ts";

/** `check`: what is wrong with a run as it is. `finish`: the same, once it has been brought to its end. */
export interface FinisherRequest {
  readonly kind: "check" | "finish";
  readonly scene: Scene;
}

export interface FinisherReply {
  readonly problems: readonly string[];
  /** What the run has left; null where it has not come to its end. */
  readonly library: CanonicalLibrary | null;
}
