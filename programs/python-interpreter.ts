import { existsSync } from "node:fs";
import { join } from "node:path";

/** The interpreter of a Python virtual environment. */
export function interpreterIn(environment: string): string | undefined {
  const places = process.platform === "win32" ? ["Scripts/python.exe"] : ["bin/python3", "bin/python"];
  return places.map((place) => join(environment, place)).find((file) => existsSync(file));
}
