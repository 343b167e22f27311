import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../messages";

/**
 * The README that Pulumi Cloud shows alongside a published pack: the one in the pack's folder, its links made whole, for
 * there they are read far from the files that they name. Empty when there is none: a pack without it works as well.
 */
export function readme(folder: string): string {
  try {
    return withWholeLinks(readFileSync(join(folder, "README.md"), "utf8"));
  } catch {
    return "";
  }
}

/** An image, or the end of a link: what a link shows may be an image. */
const RELATIVE_LINK = /(!\[[^\]]*\]|\])\((?![a-z]+:|#)([^)\s]+)\)/g;

function withWholeLinks(markdown: string): string {
  return markdown.replace(
    RELATIVE_LINK,
    (_link, label: string, file: string) =>
      `${label}(${REPOSITORY}/${label.startsWith("!") ? "raw" : "blob"}/main/${file})`,
  );
}
