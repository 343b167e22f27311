// Records what the engine sends to a policy pack, as JSON lines in the file named by RECORD_TO.
const { appendFileSync } = require("node:fs");
const { PolicyPack } = require("@pulumi/policy");

const record = (entry) => appendFileSync(process.env.RECORD_TO, `${JSON.stringify(entry)}\n`);

// Reading an unknown value through the SDK's proxy throws; its target contains the sentinel.
const raw = (props) => props.__getSpecialProxyTarget;

new PolicyPack("recorder", {
  policies: [
    {
      name: "record-resources",
      description: "Records the inputs of each resource",
      enforcementLevel: "advisory",
      validateResource: (args) => record({ kind: "resource", urn: args.urn, props: raw(args.props) }),
    },
    {
      name: "record-stack",
      description: "Records the outputs of all resources",
      enforcementLevel: "advisory",
      validateStack: (args) => {
        for (const one of args.resources) {
          record({
            kind: "stack",
            urn: one.urn,
            type: one.type,
            name: one.name,
            parent: one.parent?.urn,
            provider: one.provider?.urn,
            props: raw(one.props),
            dependencies: one.dependencies.map(({ urn }) => urn),
            propertyDependencies: Object.fromEntries(
              Object.entries(one.propertyDependencies).map(([key, list]) => [
                key,
                list.map(({ urn }) => urn),
              ]),
            ),
          });
        }
      },
    },
  ],
});
