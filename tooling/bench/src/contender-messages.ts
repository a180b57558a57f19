/** To the process of a contender. */
export type ToContender = { readonly type: "round" } | { readonly type: "close" };

/** From it. */
export type FromContender =
  | { readonly type: "opened" }
  | { readonly type: "samples"; readonly samples: readonly number[] }
  | { readonly type: "failed"; readonly reason: string };
