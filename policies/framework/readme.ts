import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../../messages";

/**
 * The README that Pulumi Cloud shows with a published pack: the one in the pack's folder, with absolute links, since
 * relative ones do not work there. Empty when there is none.
 */
export function readme(folder: string): string {
  try {
    return withWholeLinks(readFileSync(join(folder, "README.md"), "utf8"));
  } catch {
    return "";
  }
}

/** An image, or the end of a link, whose content may be an image. */
const RELATIVE_LINK = /(!\[[^\]]*\]|\])\((?![a-z]+:|#)([^)\s]+)\)/g;

function withWholeLinks(markdown: string): string {
  return markdown.replace(
    RELATIVE_LINK,
    (_link, label: string, file: string) =>
      `${label}(${REPOSITORY}/${label.startsWith("!") ? "raw" : "blob"}/main/${file})`,
  );
}
