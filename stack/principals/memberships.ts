import type { UnknownSubject } from "../../iam";
import { isOfState, labelOf, type Planned, read } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import { type NamedBy, shownName } from "./names";

/** The maximum number of group members in a message. */
const MOST_OTHERS = 3;

/** The resources that add users to groups, with their properties for both. */
const MEMBERSHIPS = [
  ["GroupMembership", "users", "group"],
  ["UserGroupMembership", "user", "groups"],
] as const;

export interface Memberships {
  readonly members: ReadonlySet<string>;
  /** The possible policies of members of a group that are not in the stack. */
  ofOthers(group: Planned): readonly UnknownSubject[];
  ofUser(user: Planned): { groups: readonly Planned[]; unseen: readonly UnknownSubject[] };
}

export function memberships(resources: ResourceIndex, named: NamedBy): Memberships {
  const byName = (...property: Parameters<NamedBy>): readonly Planned[] => named(...property).inside;
  const others = new Map<string, UnknownSubject[]>();
  const noteOthers = (planned: Planned, users: string, groups: readonly Planned[]): void => {
    for (const name of named("User", planned, users).external)
      for (const group of groups)
        others.set(group.urn, [
          ...(others.get(group.urn) ?? []),
          { code: "member-outside-stack", user: shownName("User", name) },
        ]);
  };
  const groupsOf = new Map<string, Set<Planned>>();
  const external = new Map<string, UnknownSubject[]>();
  const members = new Set<string>();
  const join = (users: readonly Planned[], groups: readonly Planned[]): void => {
    for (const user of users) {
      const set = groupsOf.get(user.urn) ?? new Set();
      for (const group of groups) {
        set.add(group);
        members.add(group.urn);
      }
      groupsOf.set(user.urn, set);
    }
  };
  const note = (users: readonly Planned[], planned: Planned, property: string, found: number): void => {
    const value = read(planned, property);
    const wanted = Array.isArray(value) ? value.length : 1;
    if (found >= wanted) return;
    for (const user of users)
      external.set(user.urn, [
        ...(external.get(user.urn) ?? []),
        { code: "group-outside-stack", by: labelOf(planned) },
      ]);
  };
  for (const [kind, ofUsers, ofGroups] of MEMBERSHIPS)
    for (const planned of resources.of(kind)) {
      const users = byName("User", planned, ofUsers);
      const groups = byName("Group", planned, ofGroups);
      join(users, groups);
      note(users, planned, ofGroups, groups.length);
      noteOthers(planned, ofUsers, groups);
    }
  for (const planned of resources.of("User")) {
    if (!planned.term.reads.includes("groups")) continue;
    const groups = byName("Group", planned, "groups");
    if (isOfState(planned, "groups") === true) {
      if (groups.length > 0)
        external.set(planned.urn, [
          ...(external.get(planned.urn) ?? []),
          { code: "groups-of-old-state", by: labelOf(planned) },
        ]);
      continue;
    }
    join([planned], groups);
    if (read(planned, "groups") !== undefined) note([planned], planned, "groups", groups.length);
  }
  return {
    members,
    ofOthers: (group) => (others.get(group.urn) ?? []).slice(0, MOST_OTHERS),
    ofUser: (user) => ({ groups: [...(groupsOf.get(user.urn) ?? [])], unseen: external.get(user.urn) ?? [] }),
  };
}
