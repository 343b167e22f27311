import type { SeenResource } from "../stack";
import { apiOfParts, isApi } from "./apis";
import type { AccountContent } from "./commands";
import { type Organization, organizations } from "./organizations";
import type { AccountResource } from "./resource";

/** What AWS's CLI printed of an account, and when. */
export interface AccountData {
  /** What is named outside of the stack; `everything`: whoever is in the account may be meant. */
  readonly named: readonly string[] | "everything";
  readonly resources: readonly AccountResource[];
  /** The day of each resource (URN), `YYYY-MM-DD`. */
  readonly asOf: ReadonlyMap<string, string>;
  /** The files of which there is no telling which API they are of. */
  readonly unplaced: readonly string[];
  /** What the update takes away of the stack, where that is known: data of the day before still have it. */
  readonly removed: readonly Pick<SeenResource, "type" | "props">[];
  /** Its control policies of each kind. */
  readonly organizations: readonly Organization[];
}

export interface AccountFile
  extends Pick<AccountContent, "resources" | "parts" | "organization" | "truncated"> {
  /** Its name, without the folder. */
  readonly file: string;
  readonly asOf: string;
}

/** The data of several files: of what stands in two, the newer counts. */
export function accountData(files: readonly AccountFile[], named: AccountData["named"]): AccountData {
  const newestFirst = [...files].sort((a, b) => (a.asOf < b.asOf ? 1 : a.asOf > b.asOf ? -1 : 0));
  const apis = newestFirst.flatMap(({ resources }) => resources.filter(isApi));
  const resources = new Map<string, AccountResource>();
  const asOf = new Map<string, string>();
  const owners = new Map<string, unknown>();
  const unplaced: string[] = [];
  const add = (resource: AccountResource, day: string): void => {
    resources.set(resource.urn, resource);
    asOf.set(resource.urn, day);
  };
  for (const file of newestFirst) {
    for (const resource of file.resources) {
      // Of one role, the policies of two days must not be taken together.
      const owner = ownerOf(resource);
      if ((owners.get(owner) ?? file) !== file) continue;
      owners.set(owner, file);
      add(resource, file.asOf);
    }
    if (file.parts === undefined) continue;
    const api = apiOfParts(file.parts, file.file, apis);
    if (api === undefined) unplaced.push(file.file);
    else for (const part of file.parts.of(api)) if (!resources.has(part.urn)) add(part, file.asOf);
  }
  return {
    named,
    resources: [...resources.values()],
    asOf,
    unplaced,
    removed: [],
    organizations: organizations(
      newestFirst.flatMap(({ organization, ...file }) =>
        organization === undefined ? [] : [{ ...file, organization }],
      ),
    ),
  };
}

/** Of functions, each kind of fact is in a file of its own; a policy is that of one version or alias. */
function ownerOf({ type, of, urn }: AccountResource): string {
  return type.startsWith("aws:lambda/") ? urn : of;
}
