/** What the child of the demonstration tells its parent. */
export type ChildMessage =
  | { readonly type: "indexed"; readonly locationId: string; readonly files: number }
  | {
      readonly type: "started";
      readonly jobId: string;
      readonly attempt: number;
      readonly checkpoint: number;
      readonly progress: number;
    }
  | { readonly type: "update"; readonly progress: number; readonly message: string; readonly checkpoint: number }
  | { readonly type: "ended"; readonly status: string; readonly error: string | null };
