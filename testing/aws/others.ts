/** AWS's provider on other frequent resources of programs. */
import { dnsSuffix } from "../../aws";
import type { Value } from "../../engine/values";
import {
  type Answers,
  type Asked,
  arn,
  CREATED,
  eventBus,
  HEX,
  input,
  joined,
  LOWER,
  random,
  text,
  token,
  uuid,
} from "./derived";

export const OTHERS: Readonly<Record<string, Answers>> = {
  "aws:acm/certificate:Certificate": {
    id: (asked) => arn(asked, "acm", `certificate/${uuid(asked)}`),
    computed: (asked, id) => ({ arn: id, domainValidationOptions: validations(asked) }),
  },
  "aws:appsync/graphQLApi:GraphQLApi": {
    named: "name",
    id: random(26),
    computed: (asked, id) => ({
      arn: arn(asked, "appsync", `apis/${id}`),
      uris: {
        GRAPHQL: `https://${id}.appsync-api.${asked.place.region}.${dnsSuffix(asked.place.partition)}/graphql`,
        REALTIME: `wss://${id}.appsync-realtime-api.${asked.place.region}.${dnsSuffix(asked.place.partition)}/graphql`,
      },
    }),
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    named: "name",
    defaults: { retentionInDays: 0, skipDestroy: false },
    id: input("name"),
    computed: (asked, id) => ({ arn: arn(asked, "logs", `log-group:${id}`), namePrefix: "" }),
  },
  "aws:cognito/identityPool:IdentityPool": {
    defaults: { allowUnauthenticatedIdentities: false },
    id: (asked) => `${asked.place.region}:${uuid(asked)}`,
    computed: (asked, id) => ({ arn: arn(asked, "cognito-identity", `identitypool/${id}`) }),
  },
  "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": { id: input("identityPoolId") },
  "aws:cognito/userPool:UserPool": {
    named: "name",
    id: (asked) => `${asked.place.region}_${token(asked.urn, 9, LOWER)}`,
    computed: (asked, id) => ({
      arn: arn(asked, "cognito-idp", `userpool/${id}`),
      endpoint: `cognito-idp.${asked.place.region}.${dnsSuffix(asked.place.partition)}/${id}`,
    }),
  },
  "aws:cognito/userPoolClient:UserPoolClient": {
    named: "name",
    id: random(26),
    computed: (asked) => ({ clientSecret: token(`${asked.urn}secret`, 52, LOWER) }),
  },
  "aws:cloudwatch/eventRule:EventRule": {
    named: "name",
    defaults: { eventBusName: "default" },
    id: (asked) => `${eventBus(asked)}${text(asked, "name")}`,
    computed: (asked, id) => ({ arn: arn(asked, "events", `rule/${id}`) }),
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    named: "targetId",
    defaults: { eventBusName: "default" },
    id: (asked) => `${eventBus(asked)}${joined("-", "rule", "targetId")(asked)}`,
  },
  "aws:pipes/pipe:Pipe": {
    named: "name",
    id: input("name"),
    computed: (asked, id) => ({ arn: arn(asked, "pipes", `pipe/${id}`) }),
  },
  "aws:sfn/stateMachine:StateMachine": {
    named: "name",
    id: (asked) => arn(asked, "states", `stateMachine:${text(asked, "name")}`),
    computed: (_asked, id) => ({
      arn: id,
      creationDate: CREATED,
      revisionId: "",
      stateMachineVersionArn: "",
      status: "ACTIVE",
    }),
  },
  "aws:dynamodb/table:Table": {
    named: "name",
    defaults: { billingMode: "PROVISIONED" },
    id: input("name"),
    computed: (asked, id) => {
      const table = arn(asked, "dynamodb", `table/${id}`);
      if (asked.inputs.streamEnabled !== true) return { arn: table, streamArn: "", streamLabel: "" };
      const streamLabel = CREATED.replace("Z", ".000");
      return { arn: table, streamArn: `${table}/stream/${streamLabel}`, streamLabel };
    },
  },
  "aws:kms/key:Key": {
    id: uuid,
    computed: (asked, id) => ({ arn: arn(asked, "kms", `key/${id}`), keyId: id, policy: "" }),
  },
  "aws:s3/bucket:Bucket": {
    named: "bucket",
    defaults: { forceDestroy: false },
    id: input("bucket"),
    computed: (asked, id) => ({
      arn: `arn:${asked.place.partition}:s3:::${id}`,
      bucketDomainName: `${id}.s3.${dnsSuffix(asked.place.partition)}`,
      bucketRegionalDomainName: `${id}.s3.${asked.place.region}.${dnsSuffix(asked.place.partition)}`,
    }),
  },
  "aws:s3/bucketPolicy:BucketPolicy": { documents: ["policy"], id: input("bucket") },
  "aws:secretsmanager/secret:Secret": {
    named: "name",
    id: (asked) =>
      arn(asked, "secretsmanager", `secret:${text(asked, "name")}-${token(asked.urn, 6, LOWER)}`),
    computed: (_asked, id) => ({ arn: id }),
  },
  "aws:sns/topic:Topic": {
    named: "name",
    id: (asked) => arn(asked, "sns", text(asked, "name")),
    computed: (asked, id) => ({ arn: id, owner: asked.place.account }),
  },
  "aws:sns/topicPolicy:TopicPolicy": { documents: ["policy"], id: input("arn") },
  "aws:sqs/queue:Queue": {
    named: "name",
    id: (asked) =>
      `https://sqs.${asked.place.region}.${dnsSuffix(asked.place.partition)}/${asked.place.account}/${text(asked, "name")}`,
    computed: (asked, id) => ({ arn: arn(asked, "sqs", text(asked, "name")), url: id }),
  },
  "aws:sqs/queuePolicy:QueuePolicy": { documents: ["policy"], id: input("queueUrl") },
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {
    documents: ["policyDocument"],
    id: input("policyName"),
  },
  "aws:ecr/repository:Repository": {
    named: "name",
    defaults: { imageTagMutability: "MUTABLE" },
    id: input("name"),
    computed: (asked, id) => ({
      arn: arn(asked, "ecr", `repository/${id}`),
      registryId: asked.place.account,
      repositoryUrl: `${registry(asked)}/${id}`,
    }),
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": { documents: ["policy"], id: input("repository") },
  "aws:ecr/registryPolicy:RegistryPolicy": {
    documents: ["policy"],
    id: (asked) => asked.place.account,
    computed: (asked) => ({ registryId: asked.place.account }),
  },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": {
    documents: ["policy"],
    id: input("repository"),
    computed: (asked) => ({ registryId: asked.place.account }),
  },
  "aws:elasticsearch/domainPolicy:DomainPolicy": {
    documents: ["accessPolicies"],
    id: (asked) => `esd-policy-${text(asked, "domainName")}`,
  },
};

/** A record for each name; that of a wildcard is its domain's. https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html */
function validations(asked: Asked): Value[] {
  const { domainName, subjectAlternativeNames } = asked.inputs;
  const others = Array.isArray(subjectAlternativeNames) ? subjectAlternativeNames : [];
  return [...new Set([domainName ?? "example.com", ...others])].map((name) => {
    const domain = String(name).replace(/^\*\./, "");
    return {
      domainName: name,
      resourceRecordName: `_${token(`${asked.urn}${domain}`, 32, HEX)}.${domain}.`,
      resourceRecordType: "CNAME",
      resourceRecordValue: `_${token(`${asked.urn}${domain}value`, 32, HEX)}.acm-validations.aws.`,
    };
  });
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
function registry({ place }: Asked): string {
  return `${place.account}.dkr.ecr.${place.region}.${dnsSuffix(place.partition)}`;
}
