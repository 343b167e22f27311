import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { dirname } from "node:path";
import * as aws from "@pulumi/aws";
import type { Properties } from "../../engine/values";
import { outputsOf } from "../../scripts/computed-outputs";
import { plan } from "../../testing";
import outputs from "../../testing/aws/outputs.json";
import { checkedInputs, createOutputs, listedTypes, type ProviderRequest } from "../../testing/aws-answers";
import { type answersByName, dataSource } from "../../testing/data-sources";

const PLACE = { region: "eu-west-1", account: "111122223333", partition: "aws" };

function requestFor(type: string, inputs: Properties = {}): ProviderRequest {
  return {
    type,
    name: "name",
    urn: `urn:pulumi:s::p::${type}::name`,
    inputs,
    place: PLACE,
    find: () => undefined,
  };
}

function deployed(type: string, inputs: Properties = {}): Properties {
  const { id, outputs: given } = createOutputs(
    { ...requestFor(type), inputs: checkedInputs(requestFor(type, inputs)) },
    true,
  );
  return { id, ...given };
}

describe("outputs of the simulated AWS", () => {
  it("exist in the SDK", () => {
    deepStrictEqual(outputs.aws, outputsOf(dirname(require.resolve("@pulumi/aws/package.json"))));
  });

  it("exist for every resource", () => {
    const types = [...Object.keys(outputs.aws.resources), ...Object.keys(outputs["aws-native"].resources)];
    ok(types.length > 2500, `${types.length} types`);
    const listed = new Set(listedTypes());
    for (const type of types) {
      const all = deployed(type, { topic: "arn:aws:sns:eu-west-1:111122223333:orders" });
      ok(!JSON.stringify(all).includes("undefined"), `${type} ${JSON.stringify(all)}`);
      if (!listed.has(type)) ok(all.id !== "", type);
      if (typeof all.arn === "string") match(all.arn, /^(arn:aws:[\w-]+:[\w-]*:\d*(cloudfront)?:.|$)/, type);
    }
  });

  it("exist for every data source", () => {
    for (const token of Object.keys(outputs.aws.dataSources)) {
      const all = dataSource(token, {}, PLACE);
      ok(!JSON.stringify(all).includes("undefined"), `${token} ${JSON.stringify(all)}`);
    }
  });

  // https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
  const arns: [string, Properties, RegExp][] = [
    [
      "aws:cloudfront/distribution:Distribution",
      {},
      /^arn:aws:cloudfront::111122223333:distribution\/E[A-Z0-9]{13}$/,
    ],
    [
      "aws:cloudwatch/eventBus:EventBus",
      { name: "b" },
      /^arn:aws:events:eu-west-1:111122223333:event-bus\/b$/,
    ],
    [
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      { name: "a" },
      /^arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a$/,
    ],
    ["aws:s3/bucketV2:BucketV2", { bucket: "b" }, /^arn:aws:s3:::b$/],
    ["aws:rds/instance:Instance", { identifier: "d" }, /^arn:aws:rds:eu-west-1:111122223333:db:d$/],
    [
      "aws:lb/loadBalancer:LoadBalancer",
      { name: "l" },
      /^arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer\/app\/l\/[0-9a-f]{16}$/,
    ],
    ["aws:kinesis/stream:Stream", { name: "s" }, /^arn:aws:kinesis:eu-west-1:111122223333:stream\/s$/],
    [
      "aws:acm/certificate:Certificate",
      {},
      /^arn:aws:acm:eu-west-1:111122223333:certificate\/[0-9a-f-]{36}$/,
    ],
    ["aws:route53/zone:Zone", { name: "x.org" }, /^arn:aws:route53:::hostedzone\/Z[A-Z0-9]{20}$/],
    ["aws:ec2/vpc:Vpc", {}, /^arn:aws:ec2:eu-west-1:111122223333:vpc\/vpc-[0-9a-f]{17}$/],
    [
      "aws:ec2/securityGroup:SecurityGroup",
      {},
      /^arn:aws:ec2:eu-west-1:111122223333:security-group\/sg-[0-9a-f]{17}$/,
    ],
    ["aws:ecs/cluster:Cluster", { name: "c" }, /^arn:aws:ecs:eu-west-1:111122223333:cluster\/c$/],
    ["aws:ssm/parameter:Parameter", { name: "/a/b" }, /^arn:aws:ssm:eu-west-1:111122223333:parameter\/a\/b$/],
    [
      "aws:wafv2/webAcl:WebAcl",
      { name: "w", scope: "CLOUDFRONT" },
      /^arn:aws:wafv2:us-east-1:111122223333:global\/webacl\/w\/[0-9a-f-]{36}$/,
    ],
    [
      "aws-native:ecr:Repository",
      { repositoryName: "r" },
      /^arn:aws:ecr:eu-west-1:111122223333:repository\/r$/,
    ],
    ["aws-native:sqs:Queue", { queueName: "q" }, /^arn:aws:sqs:eu-west-1:111122223333:q$/],
  ];
  for (const [type, inputs, shape] of arns) {
    it(`include the ARN of ${type}`, () => {
      match(String(deployed(type, inputs).arn), shape);
    });
  }

  const shapes: [string, Properties, string, RegExp][] = [
    ["aws:ses/domainDkim:DomainDkim", {}, "dkimTokens", /^\["\w{32}","\w{32}","\w{32}"\]$/],
    [
      "aws:ecr/repository:Repository",
      { name: "r" },
      "repositoryUrl",
      /^"111122223333\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/r"$/,
    ],
    ["aws:cloudfront/distribution:Distribution", {}, "domainName", /^"d\w{13}\.cloudfront\.net"$/],
    ["aws:rds/instance:Instance", { engine: "postgres" }, "endpoint", /\.rds\.amazonaws\.com:5432"$/],
    ["aws:rds/instance:Instance", { engine: "postgres" }, "port", /^5432$/],
    [
      "aws:acm/certificate:Certificate",
      { domainName: "x.org" },
      "domainValidationOptions",
      /^\[\{"domainName":"x\.org","resourceRecordName":"_\w{32}\.x\.org\.","resourceRecordType":"CNAME"/,
    ],
    [
      "aws:lb/loadBalancer:LoadBalancer",
      { name: "l" },
      "dnsName",
      /^"l-\d{10}\.eu-west-1\.elb\.amazonaws\.com"$/,
    ],
    [
      "aws:acm/certificate:Certificate",
      { domainName: "x.org", subjectAlternativeNames: ["*.x.org", "y.org"] },
      "domainValidationOptions",
      /^\[\{"domainName":"x\.org",.*"(_\w{32}\.x\.org\.)".*\{"domainName":"\*\.x\.org","resourceRecordName":"\1".*\{"domainName":"y\.org",/,
    ],
    [
      "aws:dynamodb/table:Table",
      { name: "t", streamEnabled: true },
      "streamArn",
      /^"arn:aws:dynamodb:eu-west-1:111122223333:table\/t\/stream\/2026-01-15T09:30:00\.000"$/,
    ],
    [
      "aws:appsync/graphQLApi:GraphQLApi",
      {},
      "uris",
      /^\{"GRAPHQL":"https:\/\/\w{26}\.appsync-api\.eu-west-1\./,
    ],
    [
      "aws:eks/cluster:Cluster",
      { name: "c" },
      "identities",
      /"issuer":"https:\/\/oidc\.eks\.eu-west-1\.amazonaws\.com\/id\/[0-9A-F]{32}"/,
    ],
    ["aws:cloudfront/distribution:Distribution", {}, "hostedZoneId", /^"Z2FDTNDATAQYW2"$/],
    ["aws:route53/zone:Zone", { name: "x.org" }, "nameServers", /^(\["ns-|,"ns-|[^[])+\]$/],
    ["aws:lb/targetGroup:TargetGroup", {}, "name", /^"name-[0-9a-f]{7}"$/],
  ];
  for (const [type, inputs, property, shape] of shapes) {
    it(`have the correct shape for ${property} of ${type}`, () => {
      match(JSON.stringify(deployed(type, inputs)[property]), shape);
    });
  }

  const answers: [string, Properties, string, RegExp][] = [
    ["aws:ec2/getSubnets:getSubnets", {}, "ids", /^\["subnet-[0-9a-f]{17}",/],
    ["aws:ec2/getVpc:getVpc", { default: true }, "id", /^"vpc-[0-9a-f]{17}"$/],
    ["aws:ec2/getVpc:getVpc", { id: "vpc-1" }, "arn", /^"arn:aws:ec2:eu-west-1:111122223333:vpc\/vpc-1"$/],
    ["aws:ec2/getAmi:getAmi", { owners: ["amazon"] }, "id", /^"ami-[0-9a-f]{17}"$/],
    [
      "aws:index/getAvailabilityZones:getAvailabilityZones",
      {},
      "names",
      /^\["eu-west-1a","eu-west-1b","eu-west-1c"\]$/,
    ],
    ["aws:ecr/getCredentials:getCredentials", { registryId: "1" }, "authorizationToken", /^"QVdTOm/],
    [
      "aws:ecr/getAuthorizationToken:getAuthorizationToken",
      {},
      "proxyEndpoint",
      /^"https:\/\/111122223333\.dkr\.ecr\./,
    ],
    [
      "aws:acm/getCertificate:getCertificate",
      { domain: "x.org" },
      "arn",
      /^"arn:aws:acm:eu-west-1:111122223333:certificate\/[0-9a-f-]{36}"$/,
    ],
    ["aws:route53/getZone:getZone", { name: "x.org" }, "zoneId", /^"Z[A-Z0-9]+"$/],
    ["aws:route53/getZone:getZone", { name: "x.org" }, "id", /^"Z[A-Z0-9]+"$/],
    ["aws:ec2/getSecurityGroup:getSecurityGroup", { name: "web" }, "id", /^"sg-[0-9a-f]{17}"$/],
    ["aws:ec2/getSecurityGroups:getSecurityGroups", {}, "ids", /^\["sg-[0-9a-f]{17}"/],
    ["aws:cognito/getUserPools:getUserPools", { name: "x" }, "ids", /^\["eu-west-1_\w{9}"/],
    ["aws:index/getRegions:getRegions", {}, "names", /^\["eu-west-1","us-east-1","us-west-2"\]$/],
    [
      "aws:kms/getAlias:getAlias",
      { name: "alias/aws/s3" },
      "arn",
      /^"arn:aws:kms:eu-west-1:111122223333:alias\/aws\/s3"$/,
    ],
    ["aws:kms/getAlias:getAlias", { name: "alias/aws/s3" }, "targetKeyArn", /:key\/[0-9a-f-]{36}"$/],
    [
      "aws:ssm/getParameter:getParameter",
      { name: "/a" },
      "arn",
      /^"arn:aws:ssm:eu-west-1:111122223333:parameter\/a"$/,
    ],
    [
      "aws:secretsmanager/getSecretVersion:getSecretVersion",
      { secretId: "s" },
      "secretString",
      /^"\{\\"username/,
    ],
    ["aws-native:index:getAccountId", {}, "accountId", /^"111122223333"$/],
    ["aws-native:index:getAzs", {}, "azs", /^\["eu-west-1a",/],
    ["aws-native:index:getUrlSuffix", {}, "urlSuffix", /^"amazonaws\.com"$/],
    [
      "aws-native:index:cidr",
      { ipBlock: "10.0.0.0/16", count: 2, cidrBits: 8 },
      "subnets",
      /^\["10\.0\.0\.0\/24","10\.0\.1\.0\/24"\]$/,
    ],
    [
      "aws-native:lambda:getFunction",
      { functionName: "f" },
      "arn",
      /^"arn:aws:lambda:eu-west-1:111122223333:function:f"$/,
    ],
  ];
  for (const [token, args, property, shape] of answers) {
    it(`include ${property} of ${token}`, () => {
      match(JSON.stringify(dataSource(token, args, PLACE)[property]), shape);
    });
  }
});

describe("outputs that a test overrides", () => {
  async function namesOf(given: Parameters<typeof answersByName>[0]): Promise<unknown> {
    const program = () => {
      const zones = aws.getAvailabilityZonesOutput();
      new aws.s3.Bucket("b", { bucket: zones.names.apply((names) => names.join("-")) });
    };
    const { resources } = await plan(program, { as: "first-preview", answers: given });
    return resources.find(({ name }) => name === "b")?.outputs.bucket;
  }

  it("replace the simulated ones", async () => {
    strictEqual(await namesOf({ "aws.getAvailabilityZones": { names: ["a", "b"] } }), "a-b");
    strictEqual(
      await namesOf({ "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({ names: ["c"] }) }),
      "c",
    );
    strictEqual(await namesOf({}), "us-east-1a-us-east-1b-us-east-1c");
  });

  it("are rejected for data sources that do not exist", async () => {
    await rejects(async () => namesOf({ "aws.getZones": {} }), /no data source 'aws\.getZones'/);
    await rejects(async () => namesOf({ subnets: {} }), /is not a data source/);
  });
});
