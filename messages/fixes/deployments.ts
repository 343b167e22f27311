import type { Deployment, RouteResource } from "../../stack";
import { byUrn } from "../../stack/pulumi/keys";
import type { Code } from "../code";
import { printable } from "../printable";
import { References } from "../references";
import type { Phrase, Snippet } from "../snippets";
import { type Fix, withReferences } from "./fix";

/** A line with more names is shortened. */
const MAX_NAMES = 10;

/** Makes a deployment depend on methods and integrations, and be replaced when they change. */
export function deploymentFix(deployment: Deployment, resources: readonly RouteResource[]): Fix {
  const names = new References(deployment.urn);
  const sorted = [...resources].sort(byUrn);
  const listed = sorted.slice(0, MAX_NAMES);
  const omitted = sorted.length - listed.length;
  const furtherResources: Phrase = omitted > 0 ? [`Name the ${omitted} others in the same way.`] : [];
  const name = JSON.stringify(deployment.urn.slice(deployment.urn.lastIndexOf("::") + 2));
  const label = printable(`Deployment ${name}`);
  // aws-native's Deployment has no triggers.
  if (names.typeOf(deployment.urn)?.startsWith("aws-native:")) {
    const wait: Snippet = { kind: "dependsOn", resources: listed.map(({ urn }) => names.resource(urn)) };
    return withReferences(
      { text: `add this to the options of ${label}`, snippets: [wait] },
      furtherResources,
      names,
    );
  }
  const ids = listed.flatMap(
    ({ urn, changes: [changed = "id"] }, index): Code => [
      ...(index === 0 ? [] : [" "]),
      names.property(urn, changed),
    ],
  );
  const triggers: Snippet = { kind: "arguments", properties: [["triggers", { fields: [["routes", ids]] }]] };
  const more: Phrase = [
    "A changed trigger creates a new deployment: add other properties of the routes that may change, such as the uri of an integration.",
  ];
  return withReferences(
    { text: `add this to the arguments of ${label}`, snippets: [triggers] },
    furtherResources.length === 0 ? more : [...furtherResources, " ", ...more],
    names,
  );
}
