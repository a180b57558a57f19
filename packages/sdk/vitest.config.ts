import { packageTests } from "@spacedrive/build/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig(packageTests());
