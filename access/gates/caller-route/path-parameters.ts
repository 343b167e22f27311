import { type ArnUse, compileArn, show, type Text, text } from "../../../iam";
import type { Route } from "../../../stack";
import type { Access } from "../../decisions/access";

/** Whether a pattern would match the route if it had a wildcard for each path parameter. */
export function mayMatchWithWildcards(access: Access, pattern: Text, route: Route, use: ArnUse): boolean {
  const wildcards = text(
    ...pattern.map((piece) => (typeof piece === "string" ? piece.replace(/(?<!\$)\{[^{}]*\}/g, "*") : piece)),
  );
  if (show(wildcards) === show(pattern)) return false;
  return !access.grants.neverCovers({ text: wildcards, pattern: compileArn(wildcards, use) }, route);
}
