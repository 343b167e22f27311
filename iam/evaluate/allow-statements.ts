import type { Statement, Template } from "../document/types";
import { type Hole, known, type Text, text } from "../text/text";
import { and, type Trilean } from "../text/trilean";
import { isUnknown } from "../text/unknown";
import type { PolicySource } from "./model";
import { statementsFor } from "./statement";
import { inEffect } from "./tally";

/**
 * Whether any document may allow the action on any resource. Ignores conditions, resources and denies; cached per
 * document.
 */
export function mayAllow(sources: readonly PolicySource[], action: string): Trilean {
  let result: Trilean = "no";
  for (const source of sources) {
    const { document } = source;
    if (isUnknown(document) || document.opaque !== undefined) {
      result = "unknown";
      continue;
    }
    for (const { statement, action: match } of statementsFor(document, action)) {
      if (statement.effect === "Allow" && match === "yes" && inEffect(source) === "yes") return "yes";
      if (statement.effect !== "Deny") result = "unknown";
    }
    const { possible } = source;
    if (possible !== undefined && mayAllow([{ label: source.label, document: possible }], action) !== "no")
      result = "unknown";
  }
  return result;
}

/** A statement that allows an action, with its resources. */
export interface AllowStatement {
  readonly source: PolicySource;
  /** `Sid "Invoke"` or `statement 2`. */
  readonly statement: string;
  /** Whether it certainly covers the action and its document is certainly in effect. */
  readonly action: Trilean;
  /**
   * Its Resource patterns, `*` when it has NotResource. The value of a policy variable differs from caller to caller.
   */
  readonly resources: readonly Text[];
  /** Its NotResource patterns: it allows the action on every resource that none of them matches. */
  readonly except: readonly Text[];
  /** Whether an Action names the action in full, without wildcards. */
  readonly namesAction: boolean;
  readonly conditional: boolean;
}

/** A pattern in which each policy variable is a hole, since its value differs from caller to caller. */
function withVariables({ text: templateText, pattern }: Template): Text {
  if (pattern !== undefined) return templateText;
  return text(
    ...templateText.flatMap((piece) =>
      typeof piece === "string"
        ? piece.split(/(\$\{[^}]*\})/).map((part) => variableHole(part) ?? part)
        : [piece],
    ),
  );
}

function variableHole(part: string): Hole | undefined {
  if (!part.startsWith("${")) return undefined;
  return {
    id: `variable ${part}`,
    shape: "any",
    varies: true,
    label: { code: "value", of: part },
    origins: [],
  };
}

/** The Allow statements that cover the action, with their resources. */
export function allowStatements(sources: readonly PolicySource[], action: string): readonly AllowStatement[] {
  return sources.flatMap((source) => {
    const { document } = source;
    if (isUnknown(document)) return [];
    return statementsFor(document, action)
      .filter(({ statement }) => statement.effect === "Allow")
      .map(({ statement, action: match }) => {
        const patterns = (statement.resource?.templates ?? []).map(withVariables);
        return {
          source,
          statement: statement.label,
          action: and([match, inEffect(source)]),
          resources: statement.resource?.not ? [text("*")] : patterns,
          except: statement.resource?.not ? patterns : [],
          namesAction: namesAction(statement, action),
          conditional: statement.conditions.length > 0,
        };
      });
  });
}

function namesAction({ action }: Statement, name: string): boolean {
  return !action.not && action.texts.some((text) => known(text)?.toLowerCase() === name.toLowerCase());
}
