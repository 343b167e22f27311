import type { SeenResource } from "../stack";
import { type ApiParts, apiOfParts, isApi } from "./apis";
import type { AccountContent } from "./commands";
import { type Organization, organizations } from "./organizations";
import { type AccountResource, accountOf } from "./resource";

/** What AWS's CLI printed of an account, and when. */
export interface AccountData {
  /** What is named outside of the stack; `everything`: whoever is in the account may be meant. */
  readonly named: readonly string[] | "everything";
  readonly resources: readonly AccountResource[];
  /** The day of each resource (URN), `YYYY-MM-DD`. */
  readonly asOf: ReadonlyMap<string, string>;
  /** The moment, where it is known. */
  readonly written: ReadonlyMap<string, string>;
  /** The accounts and kinds of principals (`123456789012 role`) that are there as a whole, by one of them. */
  readonly whole: ReadonlyMap<string, string>;
  /** The APIs of whose parts a page is missing. */
  readonly partial: ReadonlySet<string>;
  /** The files of which there is no way to know which API they are of. */
  readonly unplaced: readonly string[];
  /** What the update removes of the stack, where that is known: data of the day before still have it. */
  readonly removed: readonly Pick<SeenResource, "type" | "props">[];
  /** Its control policies of each kind. */
  readonly organizations: readonly Organization[];
}

export interface AccountFile
  extends Pick<AccountContent, "resources" | "parts" | "organization" | "truncated" | "isWhole"> {
  /** Its name, without the folder. */
  readonly file: string;
  /** The day on which it was written. */
  readonly asOf: string;
  /** The moment, where it is known (ISO 8601). */
  readonly written?: string;
}

/** The data of several files: of what is in two, the newer counts. */
export function accountData(files: readonly AccountFile[], named: AccountData["named"]): AccountData {
  const newestFirst = [...files].sort((a, b) => compareText(momentOf(b), momentOf(a)));
  const gathered = new Gathered(newestFirst.flatMap(({ resources }) => resources.filter(isApi)));
  for (const file of newestFirst) gathered.add(file);
  const { resources, asOf, written, whole, partial, unplaced } = gathered;
  return {
    named,
    resources: [...resources.values()],
    asOf,
    written,
    whole,
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

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What files hold together, where the newest is added first. */
class Gathered {
  readonly resources = new Map<string, AccountResource>();
  readonly asOf = new Map<string, string>();
  readonly written = new Map<string, string>();
  readonly whole = new Map<string, string>();
  readonly partial = new Set<string>();
  readonly unplaced: string[] = [];
  private readonly owners = new Map<string, AccountFile>();
  /** The lists of parts that a newer file has to their end. */
  private readonly lists = new Set<string>();

  constructor(private readonly apis: readonly AccountResource[]) {}

  add(file: AccountFile): void {
    // Of one role, the policies of two days must not be taken together; nor is one there that a newer file would have.
    const before = new Set(this.whole.keys());
    for (const resource of file.resources) {
      const owner = ownerOf(resource);
      const from = this.owners.get(owner);
      const kind = principalKind(resource);
      if (from === undefined ? kind !== undefined && before.has(kind) : from !== file) continue;
      this.owners.set(owner, file);
      this.put(resource, file);
      if (file.isWhole && kind !== undefined && !this.whole.has(kind)) this.whole.set(kind, resource.urn);
    }
    if (file.parts !== undefined) this.addParts(file, file.parts);
  }

  private addParts(file: AccountFile, parts: ApiParts): void {
    const api = apiOfParts(parts, file.file, this.apis);
    if (api === undefined) {
      this.unplaced.push(file.file);
      return;
    }
    const all = parts.of(api);
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

/** `123456789012 role` of a role, a user or a group, and of what belongs to it. */
function principalKind({ type, of }: AccountResource): string | undefined {
  const [, kind] = /^aws:iam\/(role|user|group)/.exec(type) ?? [];
  return kind === undefined ? undefined : `${accountOf(of)} ${kind}`;
}

/** Of functions, each kind of fact is in a file of its own; a policy is that of one version or alias. */
function ownerOf({ type, of, urn }: AccountResource): string {
  return type.startsWith("aws:lambda/") ? urn : of;
}
