// The engine of WASI guests behind the protocol of `--command`, as a host in another language would speak it.
import { serveHost } from "@spacedrive/abi-kit";
import { createHost } from "@spacedrive/abi-kit/wasi-host";

await serveHost(createHost());
