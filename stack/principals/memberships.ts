import type { UnknownSubject } from "../../iam";
import { appendTo } from "../pulumi/keys";
import { isFromState, labelOf, type ReadableResource, read } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import { type PrincipalFinder, shownName } from "./principal-names";

/** The maximum number of group members in a message. */
const MAX_EXTERNAL_MEMBERS = 3;

/** The resources that add users to groups, with their properties for both. */
const MEMBERSHIPS = [
  ["GroupMembership", "users", "group"],
  ["UserGroupMembership", "user", "groups"],
] as const;

/** The groups of users, and the users in groups that are not in the stack. */
export interface Memberships {
  readonly members: ReadonlySet<string>;
  /** The possible policies of members of a group that are not in the stack. */
  externalMembers(group: ReadableResource): readonly UnknownSubject[];
  groupsOf(user: ReadableResource): {
    groups: readonly ReadableResource[];
    unseen: readonly UnknownSubject[];
  };
}

/**
 * Reads the members of groups. Groups and users that are not in the stack are unknown policies of the users and groups
 * that are.
 */
export function readMemberships(resources: ResourceIndex, find: PrincipalFinder): Memberships {
  const findInStack = (...property: Parameters<PrincipalFinder>): readonly ReadableResource[] =>
    find(...property).inStack;
  const externalMembers = new Map<string, UnknownSubject[]>();
  const addExternalMembers = (
    planned: ReadableResource,
    users: string,
    groups: readonly ReadableResource[],
  ): void => {
    for (const name of find("User", planned, users).external)
      for (const group of groups)
        appendTo(externalMembers, group.urn, {
          code: "member-outside-stack",
          user: shownName("User", name),
        });
  };
  const groupsByUser = new Map<string, Set<ReadableResource>>();
  const unseenByUser = new Map<string, UnknownSubject[]>();
  const members = new Set<string>();
  const join = (users: readonly ReadableResource[], groups: readonly ReadableResource[]): void => {
    for (const user of users) {
      const set = groupsByUser.get(user.urn) ?? new Set();
      for (const group of groups) {
        set.add(group);
        members.add(group.urn);
      }
      groupsByUser.set(user.urn, set);
    }
  };
  const addMissingGroups = (
    users: readonly ReadableResource[],
    planned: ReadableResource,
    property: string,
    foundCount: number,
  ): void => {
    const value = read(planned, property);
    const expected = Array.isArray(value) ? value.length : 1;
    if (foundCount >= expected) return;
    for (const user of users)
      appendTo(unseenByUser, user.urn, { code: "group-outside-stack", resource: labelOf(planned) });
  };
  for (const [kind, usersProperty, groupsProperty] of MEMBERSHIPS)
    for (const planned of resources.ofKind(kind)) {
      const users = findInStack("User", planned, usersProperty);
      const groups = findInStack("Group", planned, groupsProperty);
      join(users, groups);
      addMissingGroups(users, planned, groupsProperty, groups.length);
      addExternalMembers(planned, usersProperty, groups);
    }
  for (const planned of resources.ofKind("User")) {
    if (!planned.resourceType.reads.includes("groups")) continue;
    const groups = findInStack("Group", planned, "groups");
    if (isFromState(planned, "groups") === true) {
      if (groups.length > 0)
        appendTo(unseenByUser, planned.urn, { code: "groups-may-remain", resource: labelOf(planned) });
      continue;
    }
    join([planned], groups);
    if (read(planned, "groups") !== undefined) addMissingGroups([planned], planned, "groups", groups.length);
  }
  return {
    members,
    externalMembers: (group) => (externalMembers.get(group.urn) ?? []).slice(0, MAX_EXTERNAL_MEMBERS),
    groupsOf: (user) => ({
      groups: [...(groupsByUser.get(user.urn) ?? [])],
      unseen: unseenByUser.get(user.urn) ?? [],
    }),
  };
}
