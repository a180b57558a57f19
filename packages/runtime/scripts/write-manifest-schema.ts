import { writeFileSync } from "node:fs";
import { manifestJsonSchema } from "../dist/index.js";

// The door `./manifest.schema.json`, from the schema that the runtime itself checks with.
writeFileSync(
  new URL("../dist/manifest.schema.json", import.meta.url),
  `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`,
);
