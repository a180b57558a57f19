/**
 * The smallest command that goes the whole way of a start: it reads the host's first record, logs, and answers.
 *
 *     (module
 *       (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
 *       (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
 *       (memory (export "memory") 1 1)
 *       (data (i32.const 0) "\00\01\00\00\00\01\00\00\40\00\00\00\5f\00\00\00")
 *       (data (i32.const 64)
 *         "\1e{\22jsonrpc\22:\222.0\22,\22method\22:\22log\22,\22params\22:{\22message\22:\22\22}}\0a"
 *         "\1e{\22jsonrpc\22:\222.0\22,\22id\22:1,\22result\22:1}\0a")
 *       (func (export "_start")
 *         (drop (call 0 (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
 *         (drop (call 1 (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))))
 */
export const WARM_UP_COMMAND =
  "AGFzbQEAAAABDAJgBH9/f38Bf2AAAAJEAhZ3YXNpX3NuYXBzaG90X3ByZXZpZXcxB2ZkX3JlYWQAABZ3YXNpX3NuYXBzaG90X3ByZXZpZXcxCGZkX3dyaXRlAAADAgEBBQQBAQEBBxMCBm1lbW9yeQIABl9zdGFydAACChoBGABBAEEAQQFBEBAAGkEBQQhBAUEQEAEaCwt7AgBBAAsQAAEAAAABAABAAAAAXwAAAABBwAALXx57Impzb25ycGMiOiIyLjAiLCJtZXRob2QiOiJsb2ciLCJwYXJhbXMiOnsibWVzc2FnZSI6IiJ9fQoeeyJqc29ucnBjIjoiMi4wIiwiaWQiOjEsInJlc3VsdCI6MX0K";
