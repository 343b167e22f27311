import type { SeenResource } from "../stack";
import { compareText } from "../stack/pulumi/keys";
import { type ApiParts, apiOfParts, isApi } from "./apis";
import type { AccountContent } from "./commands";
import { type Organization, organizations } from "./organizations";
import { type AccountResource, accountOf } from "./resource";

/** Account data: the output of AWS CLI commands, with its date. */
export interface AccountData {
  /**
   * Either the resources that the stack refers to, or `everything`: every principal of the account is an intended caller.
   */
  readonly namedResources: readonly string[] | "everything";
  readonly resources: readonly AccountResource[];
  /** The date of each resource (URN), `YYYY-MM-DD`. */
  readonly asOf: ReadonlyMap<string, string>;
  /** The time of each resource, where it is known. */
  readonly written: ReadonlyMap<string, string>;
  /** The accounts and types of principals (`123456789012 role`) whose list is complete, with one principal of each. */
  readonly completeLists: ReadonlyMap<string, string>;
  /** The APIs with a missing page of parts. */
  readonly partial: ReadonlySet<string>;
  /** The files whose API cannot be determined. */
  readonly unplaced: readonly string[];
  /** The resources that the update removes from the stack, where known: older data still contains them. */
  readonly removed: readonly Pick<SeenResource, "type" | "props">[];
  /** The account's control policies of each type. */
  readonly organizations: readonly Organization[];
}

/** The contents of one file of account data, and its date. */
export interface AccountFile
  extends Pick<AccountContent, "resources" | "parts" | "organization" | "truncated" | "isWhole"> {
  /** Its name, without the folder. */
  readonly file: string;
  /** The date on which it was written. */
  readonly asOf: string;
  /** The time at which it was written, where it is known (ISO 8601). */
  readonly written?: string;
}

/** The combined data of several files: where two files have a resource, the newer file takes precedence. */
export function accountData(
  files: readonly AccountFile[],
  namedResources: AccountData["namedResources"],
): AccountData {
  const newestFirst = [...files].sort((a, b) => compareText(momentOf(b), momentOf(a)));
  const gathered = new CombinedFiles(newestFirst.flatMap(({ resources }) => resources.filter(isApi)));
  for (const file of newestFirst) gathered.add(file);
  const { resources, asOf, written, completeLists, partial, unplaced } = gathered;
  return {
    namedResources,
    resources: [...resources.values()],
    asOf,
    written,
    completeLists,
    partial,
    unplaced,
    removed: [],
    organizations: organizations(
      newestFirst.flatMap(({ organization, ...file }) =>
        organization === undefined ? [] : [{ ...file, organization }],
      ),
    ),
  };
}

function momentOf({ asOf, written }: AccountFile): string {
  return written ?? asOf;
}

/** The combined contents of files, with the newest added first. */
class CombinedFiles {
  readonly resources = new Map<string, AccountResource>();
  readonly asOf = new Map<string, string>();
  readonly written = new Map<string, string>();
  readonly completeLists = new Map<string, string>();
  readonly partial = new Set<string>();
  readonly unplaced: string[] = [];
  private readonly owners = new Map<string, AccountFile>();
  /** The lists of parts that are complete in a newer file. */
  private readonly lists = new Set<string>();

  constructor(private readonly apis: readonly AccountResource[]) {}

  add(file: AccountFile): void {
    // Policies of one role from two dates must not be combined, and a policy that the newer file lacks does not exist.
    const listedBefore = new Set(this.completeLists.keys());
    for (const resource of file.resources) {
      const owner = ownerOf(resource);
      const ownerFile = this.owners.get(owner);
      const kind = principalKind(resource);
      if (ownerFile === undefined ? kind !== undefined && listedBefore.has(kind) : ownerFile !== file)
        continue;
      this.owners.set(owner, file);
      this.put(resource, file);
      if (file.isWhole && kind !== undefined && !this.completeLists.has(kind))
        this.completeLists.set(kind, resource.urn);
    }
    if (file.parts !== undefined) this.addParts(file, file.parts);
  }

  private addParts(file: AccountFile, parts: ApiParts): void {
    const api = apiOfParts(parts, file.file, this.apis);
    if (api === undefined) {
      this.unplaced.push(file.file);
      return;
    }
    const all = parts.resourcesOf(api);
    const list = `${api} ${all[0]?.type}`;
    if (this.lists.has(list)) return;
    if (file.truncated) this.partial.add(api);
    else this.lists.add(list);
    for (const part of all) if (!this.resources.has(part.urn)) this.put(part, file);
  }

  private put(resource: AccountResource, file: AccountFile): void {
    this.resources.set(resource.urn, resource);
    this.asOf.set(resource.urn, file.asOf);
    if (file.written !== undefined) this.written.set(resource.urn, file.written);
  }
}

/** `123456789012 role` for a role, a user or a group, and for its parts. */
function principalKind({ type, owner }: AccountResource): string | undefined {
  const [, kind] = /^aws:iam\/(role|user|group)/.exec(type) ?? [];
  return kind === undefined ? undefined : `${accountOf(owner)} ${kind}`;
}

/** Facts about a function are in separate files by type; a policy belongs to one version or alias. */
function ownerOf({ type, owner, urn }: AccountResource): string {
  return type.startsWith("aws:lambda/") ? urn : owner;
}
