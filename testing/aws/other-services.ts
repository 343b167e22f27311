/** Resources of `@pulumi/aws` that programs often declare, for other services. */
import { dnsSuffix } from "../../aws";
import type { Value } from "../../engine/values";
import {
  arn,
  CREATED,
  eventBus,
  HEX,
  input,
  joined,
  LOWER,
  type ProviderRequest,
  random,
  type TypeBehavior,
  text,
  token,
  uuid,
} from "./derived";

export const OTHER_SERVICES: Readonly<Record<string, TypeBehavior>> = {
  "aws:acm/certificate:Certificate": {
    id: (request) => arn(request, "acm", `certificate/${uuid(request)}`),
    computed: (request, id) => ({ arn: id, domainValidationOptions: validations(request) }),
  },
  "aws:appsync/graphQLApi:GraphQLApi": {
    named: "name",
    id: random(26),
    computed: (request, id) => ({
      arn: arn(request, "appsync", `apis/${id}`),
      uris: {
        GRAPHQL: `https://${id}.appsync-api.${request.place.region}.${dnsSuffix(request.place.partition)}/graphql`,
        REALTIME: `wss://${id}.appsync-realtime-api.${request.place.region}.${dnsSuffix(request.place.partition)}/graphql`,
      },
    }),
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    named: "name",
    defaults: { retentionInDays: 0, skipDestroy: false },
    id: input("name"),
    computed: (request, id) => ({ arn: arn(request, "logs", `log-group:${id}`), namePrefix: "" }),
  },
  "aws:cognito/identityPool:IdentityPool": {
    defaults: { allowUnauthenticatedIdentities: false },
    id: (request) => `${request.place.region}:${uuid(request)}`,
    computed: (request, id) => ({ arn: arn(request, "cognito-identity", `identitypool/${id}`) }),
  },
  "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": { id: input("identityPoolId") },
  "aws:cognito/userPool:UserPool": {
    named: "name",
    id: (request) => `${request.place.region}_${token(request.urn, 9, LOWER)}`,
    computed: (request, id) => ({
      arn: arn(request, "cognito-idp", `userpool/${id}`),
      endpoint: `cognito-idp.${request.place.region}.${dnsSuffix(request.place.partition)}/${id}`,
    }),
  },
  "aws:cognito/userPoolClient:UserPoolClient": {
    named: "name",
    id: random(26),
    computed: (request) => ({ clientSecret: token(`${request.urn}secret`, 52, LOWER) }),
  },
  "aws:cloudwatch/eventRule:EventRule": {
    named: "name",
    defaults: { eventBusName: "default" },
    id: (request) => `${eventBus(request)}${text(request, "name")}`,
    computed: (request, id) => ({ arn: arn(request, "events", `rule/${id}`) }),
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    named: "targetId",
    defaults: { eventBusName: "default" },
    id: (request) => `${eventBus(request)}${joined("-", "rule", "targetId")(request)}`,
  },
  "aws:pipes/pipe:Pipe": {
    named: "name",
    id: input("name"),
    computed: (request, id) => ({ arn: arn(request, "pipes", `pipe/${id}`) }),
  },
  "aws:sfn/stateMachine:StateMachine": {
    named: "name",
    id: (request) => arn(request, "states", `stateMachine:${text(request, "name")}`),
    computed: (_request, id) => ({
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
    computed: (request, id) => {
      const table = arn(request, "dynamodb", `table/${id}`);
      if (request.inputs.streamEnabled !== true) return { arn: table, streamArn: "", streamLabel: "" };
      const streamLabel = CREATED.replace("Z", ".000");
      return { arn: table, streamArn: `${table}/stream/${streamLabel}`, streamLabel };
    },
  },
  "aws:kms/key:Key": {
    id: uuid,
    computed: (request, id) => ({ arn: arn(request, "kms", `key/${id}`), keyId: id, policy: "" }),
  },
  "aws:s3/bucket:Bucket": {
    named: "bucket",
    defaults: { forceDestroy: false },
    id: input("bucket"),
    computed: (request, id) => ({
      arn: `arn:${request.place.partition}:s3:::${id}`,
      bucketDomainName: `${id}.s3.${dnsSuffix(request.place.partition)}`,
      bucketRegionalDomainName: `${id}.s3.${request.place.region}.${dnsSuffix(request.place.partition)}`,
    }),
  },
  "aws:s3/bucketPolicy:BucketPolicy": { documents: ["policy"], id: input("bucket") },
  "aws:secretsmanager/secret:Secret": {
    named: "name",
    id: (request) =>
      arn(request, "secretsmanager", `secret:${text(request, "name")}-${token(request.urn, 6, LOWER)}`),
    computed: (_request, id) => ({ arn: id }),
  },
  "aws:sns/topic:Topic": {
    named: "name",
    id: (request) => arn(request, "sns", text(request, "name")),
    computed: (request, id) => ({ arn: id, owner: request.place.account }),
  },
  "aws:sns/topicPolicy:TopicPolicy": { documents: ["policy"], id: input("arn") },
  "aws:sqs/queue:Queue": {
    named: "name",
    id: (request) =>
      `https://sqs.${request.place.region}.${dnsSuffix(request.place.partition)}/${request.place.account}/${text(request, "name")}`,
    computed: (request, id) => ({ arn: arn(request, "sqs", text(request, "name")), url: id }),
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
    computed: (request, id) => ({
      arn: arn(request, "ecr", `repository/${id}`),
      registryId: request.place.account,
      repositoryUrl: `${registry(request)}/${id}`,
    }),
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": { documents: ["policy"], id: input("repository") },
  "aws:ecr/registryPolicy:RegistryPolicy": {
    documents: ["policy"],
    id: (request) => request.place.account,
    computed: (request) => ({ registryId: request.place.account }),
  },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": {
    documents: ["policy"],
    id: input("repository"),
    computed: (request) => ({ registryId: request.place.account }),
  },
  "aws:elasticsearch/domainPolicy:DomainPolicy": {
    documents: ["accessPolicies"],
    id: (request) => `esd-policy-${text(request, "domainName")}`,
  },
};

/** A record for each name; that of a wildcard is its domain's. https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html */
function validations(request: ProviderRequest): Value[] {
  const { domainName, subjectAlternativeNames } = request.inputs;
  const alternativeNames = Array.isArray(subjectAlternativeNames) ? subjectAlternativeNames : [];
  return [...new Set([domainName ?? "example.com", ...alternativeNames])].map((name) => {
    const domain = String(name).replace(/^\*\./, "");
    return {
      domainName: name,
      resourceRecordName: `_${token(`${request.urn}${domain}`, 32, HEX)}.${domain}.`,
      resourceRecordType: "CNAME",
      resourceRecordValue: `_${token(`${request.urn}${domain}value`, 32, HEX)}.acm-validations.aws.`,
    };
  });
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
function registry({ place }: ProviderRequest): string {
  return `${place.account}.dkr.ecr.${place.region}.${dnsSuffix(place.partition)}`;
}
