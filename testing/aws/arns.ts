/**
 * The ARN formats of resources by service and type, from AWS's Service Authorization Reference:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
import { digestToken, HEX, LOWER, type ProviderRequest, text, UPPER, uuid } from "./derived";

/** The part after `arn:PARTITION:`. */
const FORMATS: Readonly<Record<string, string>> = {
  "acm/certificate": "acm:{region}:{account}:certificate/{uuid}",
  "acmpca/certificateauthority": "acm-pca:{region}:{account}:certificate-authority/{uuid}",
  "appconfig/application": "appconfig:{region}:{account}:application/{id}",
  "apprunner/service": "apprunner:{region}:{account}:service/{name}/{hex}",
  "appsync/graphqlapi": "appsync:{region}:{account}:apis/{id}",
  "athena/workgroup": "athena:{region}:{account}:workgroup/{name}",
  "autoscaling/group": "autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{name}",
  "backup/plan": "backup:{region}:{account}:backup-plan:{uuid}",
  "backup/vault": "backup:{region}:{account}:backup-vault:{name}",
  "batch/computeenvironment": "batch:{region}:{account}:compute-environment/{name}",
  "batch/jobdefinition": "batch:{region}:{account}:job-definition/{name}:1",
  "batch/jobqueue": "batch:{region}:{account}:job-queue/{name}",
  "bedrock/agent": "bedrock:{region}:{account}:agent/{id}",
  "bedrock/guardrail": "bedrock:{region}:{account}:guardrail/{id}",
  "cloudformation/stack": "cloudformation:{region}:{account}:stack/{name}/{uuid}",
  "cloudfront/distribution": "cloudfront::{account}:distribution/{id}",
  "cloudfront/function": "cloudfront::{account}:function/{name}",
  "cloudfront/keyvaluestore": "cloudfront::{account}:key-value-store/{uuid}",
  "cloudfront/originaccesscontrol": "cloudfront::{account}:origin-access-control/{id}",
  "cloudfront/originaccessidentity": "iam::cloudfront:user/CloudFront Origin Access Identity {id}",
  "cloudtrail/trail": "cloudtrail:{region}:{account}:trail/{name}",
  "cloudwatch/compositealarm": "cloudwatch:{region}:{account}:alarm:{name}",
  "cloudwatch/dashboard": "cloudwatch::{account}:dashboard/{name}",
  "cloudwatch/metricalarm": "cloudwatch:{region}:{account}:alarm:{name}",
  "codebuild/project": "codebuild:{region}:{account}:project/{name}",
  "codecommit/repository": "codecommit:{region}:{account}:{name}",
  "codedeploy/application": "codedeploy:{region}:{account}:application:{name}",
  "codepipeline/pipeline": "codepipeline:{region}:{account}:{name}",
  "cognito/identitypool": "cognito-identity:{region}:{account}:identitypool/{region}:{uuid}",
  "cognito/userpool": "cognito-idp:{region}:{account}:userpool/{region}_{short}",
  "dax/cluster": "dax:{region}:{account}:cache/{name}",
  "docdb/cluster": "rds:{region}:{account}:cluster:{name}",
  "dynamodb/globaltable": "dynamodb:{region}:{account}:table/{name}",
  "dynamodb/table": "dynamodb:{region}:{account}:table/{name}",
  "ebs/snapshot": "ec2:{region}::snapshot/{id}",
  "ebs/volume": "ec2:{region}:{account}:volume/{id}",
  "ec2/ami": "ec2:{region}::image/{id}",
  "ec2/flowlog": "ec2:{region}:{account}:vpc-flow-log/{id}",
  "ec2/eip": "ec2:{region}:{account}:elastic-ip/{id}",
  "ecr/repository": "ecr:{region}:{account}:repository/{name}",
  "ecrpublic/repository": "ecr-public::{account}:repository/{name}",
  "ecs/cluster": "ecs:{region}:{account}:cluster/{name}",
  "ecs/service": "ecs:{region}:{account}:service/{name}",
  "ecs/taskdefinition": "ecs:{region}:{account}:task-definition/{family}:1",
  "efs/accesspoint": "elasticfilesystem:{region}:{account}:access-point/fsap-{hex17}",
  "efs/filesystem": "elasticfilesystem:{region}:{account}:file-system/{id}",
  "eks/cluster": "eks:{region}:{account}:cluster/{name}",
  "elasticache/cluster": "elasticache:{region}:{account}:cluster:{name}",
  "elasticache/replicationgroup": "elasticache:{region}:{account}:replicationgroup:{name}",
  "elasticache/subnetgroup": "elasticache:{region}:{account}:subnetgroup:{name}",
  "elasticbeanstalk/application": "elasticbeanstalk:{region}:{account}:application/{name}",
  "elasticbeanstalk/environment": "elasticbeanstalk:{region}:{account}:environment/{name}",
  "elasticloadbalancing/listener": "elasticloadbalancing:{region}:{account}:listener/app/{name}/{hex}/{hex}",
  "elasticloadbalancing/listenerrule":
    "elasticloadbalancing:{region}:{account}:listener-rule/app/{name}/{hex}/{hex}/{hex}",
  "elasticloadbalancing/loadbalancer":
    "elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{hex}",
  "elasticloadbalancing/targetgroup": "elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hex}",
  "elasticsearch/domain": "es:{region}:{account}:domain/{name}",
  "emr/cluster": "elasticmapreduce:{region}:{account}:cluster/{id}",
  "events/apidestination": "events:{region}:{account}:api-destination/{name}/{uuid}",
  "events/archive": "events:{region}:{account}:archive/{name}",
  "events/connection": "events:{region}:{account}:connection/{name}/{uuid}",
  "events/eventbus": "events:{region}:{account}:event-bus/{name}",
  "events/rule": "events:{region}:{account}:rule/{name}",
  "firehose/deliverystream": "firehose:{region}:{account}:deliverystream/{name}",
  "fsx/filesystem": "fsx:{region}:{account}:file-system/{id}",
  "glacier/vault": "glacier:{region}:{account}:vaults/{name}",
  "globalaccelerator/accelerator": "globalaccelerator::{account}:accelerator/{uuid}",
  "glue/catalogdatabase": "glue:{region}:{account}:database/{name}",
  "glue/crawler": "glue:{region}:{account}:crawler/{name}",
  "glue/job": "glue:{region}:{account}:job/{name}",
  "iot/thing": "iot:{region}:{account}:thing/{name}",
  "iot/topicrule": "iot:{region}:{account}:rule/{name}",
  "kinesis/firehosedeliverystream": "firehose:{region}:{account}:deliverystream/{name}",
  "kinesis/stream": "kinesis:{region}:{account}:stream/{name}",
  "kms/alias": "kms:{region}:{account}:alias/{name}",
  "kms/key": "kms:{region}:{account}:key/{uuid}",
  "kms/replicakey": "kms:{region}:{account}:key/mrk-{hex32}",
  "logs/loggroup": "logs:{region}:{account}:log-group:{name}",
  "logs/logstream": "logs:{region}:{account}:log-group:{logGroupName}:log-stream:{name}",
  "memorydb/cluster": "memorydb:{region}:{account}:cluster/{name}",
  "mq/broker": "mq:{region}:{account}:broker:{name}:b-{uuid}",
  "msk/cluster": "kafka:{region}:{account}:cluster/{name}/{uuid}-1",
  "mwaa/environment": "airflow:{region}:{account}:environment/{name}",
  "neptune/cluster": "rds:{region}:{account}:cluster:{name}",
  "opensearch/domain": "es:{region}:{account}:domain/{name}",
  "opensearch/serverlesscollection": "aoss:{region}:{account}:collection/{id}",
  "organizations/account": "organizations::{account}:account/o-{short}/{id}",
  "organizations/organization": "organizations::{account}:organization/o-{short}",
  "rds/cluster": "rds:{region}:{account}:cluster:{name}",
  "rds/dbcluster": "rds:{region}:{account}:cluster:{name}",
  "rds/clusterinstance": "rds:{region}:{account}:db:{name}",
  "rds/dbinstance": "rds:{region}:{account}:db:{name}",
  "rds/instance": "rds:{region}:{account}:db:{name}",
  "rds/parametergroup": "rds:{region}:{account}:pg:{name}",
  "rds/proxy": "rds:{region}:{account}:db-proxy:prx-{hex17}",
  "rds/subnetgroup": "rds:{region}:{account}:subgrp:{name}",
  "redshift/cluster": "redshift:{region}:{account}:cluster:{name}",
  "route53/healthcheck": "route53:::healthcheck/{uuid}",
  "route53/hostedzone": "route53:::hostedzone/{id}",
  "route53/zone": "route53:::hostedzone/{id}",
  "s3/accesspoint": "s3:{region}:{account}:accesspoint/{name}",
  "s3/bucket": "s3:::{name}",
  "s3/bucketobject": "s3:::{bucket}/{key}",
  "s3/bucketobjectv2": "s3:::{bucket}/{key}",
  "s3/bucketv2": "s3:::{name}",
  "sagemaker/endpoint": "sagemaker:{region}:{account}:endpoint/{name}",
  "scheduler/schedule": "scheduler:{region}:{account}:schedule/default/{name}",
  "scheduler/schedulegroup": "scheduler:{region}:{account}:schedule-group/{name}",
  "secretsmanager/secret": "secretsmanager:{region}:{account}:secret:{name}-{short6}",
  "secretsmanager/secretversion": "secretsmanager:{region}:{account}:secret:{name}-{short6}",
  "servicediscovery/privatednsnamespace": "servicediscovery:{region}:{account}:namespace/ns-{short}",
  "servicediscovery/service": "servicediscovery:{region}:{account}:service/srv-{short}",
  "ses/configurationset": "ses:{region}:{account}:configuration-set/{name}",
  "ses/domainidentity": "ses:{region}:{account}:identity/{domain}",
  "ses/emailidentity": "ses:{region}:{account}:identity/{email}",
  "sesv2/emailidentity": "ses:{region}:{account}:identity/{emailIdentity}",
  "signer/signingprofile": "signer:{region}:{account}:/signing-profiles/{name}",
  "sns/topic": "sns:{region}:{account}:{name}",
  "sns/topicsubscription": "{topic}:{uuid}",
  "sqs/queue": "sqs:{region}:{account}:{name}",
  "ssm/document": "ssm:{region}:{account}:document/{name}",
  "ssm/parameter": "ssm:{region}:{account}:parameter/{name}",
  "states/activity": "states:{region}:{account}:activity:{name}",
  "states/statemachine": "states:{region}:{account}:stateMachine:{name}",
  "synthetics/canary": "synthetics:{region}:{account}:canary:{name}",
  "timestreamwrite/database": "timestream:{region}:{account}:database/{name}",
  "waf/webacl": "waf::{account}:webacl/{id}",
  "wafregional/webacl": "waf-regional:{region}:{account}:webacl/{id}",
  "wafv2/ipset": "wafv2:{region}:{account}:regional/ipset/{name}/{uuid}",
  "wafv2/rulegroup": "wafv2:{region}:{account}:regional/rulegroup/{name}/{uuid}",
  "wafv2/webacl": "wafv2:{region}:{account}:regional/webacl/{name}/{uuid}",
  "xray/group": "xray:{region}:{account}:group/{name}/{hex}",
};

/** Pulumi's modules whose name differs from the service in AWS's ARNs. */
const SERVICES: Readonly<Record<string, string>> = {
  acmpca: "acm-pca",
  alb: "elasticloadbalancing",
  applicationloadbalancing: "elasticloadbalancing",
  cognito: "cognito-idp",
  cloudfront: "cloudfront",
  directoryservice: "ds",
  docdb: "rds",
  ebs: "ec2",
  ec2clientvpn: "ec2",
  ec2transitgateway: "ec2",
  ecrpublic: "ecr-public",
  efs: "elasticfilesystem",
  elasticloadbalancingv2: "elasticloadbalancing",
  elasticsearch: "es",
  elb: "elasticloadbalancing",
  emr: "elasticmapreduce",
  eventbridge: "events",
  kinesisfirehose: "firehose",
  lb: "elasticloadbalancing",
  msk: "kafka",
  neptune: "rds",
  opensearch: "es",
  sesv2: "ses",
  sfn: "states",
  stepfunctions: "states",
  vpc: "ec2",
};

/** Services whose ARNs have no region. */
const GLOBAL: ReadonlySet<string> = new Set([
  "budgets",
  "cloudfront",
  "globalaccelerator",
  "iam",
  "networkmanager",
  "organizations",
  "shield",
]);

/** The key of a type in the tables: `events/rule`, and the service in its ARNs. */
export function typeInfo(type: string): { key: string; service: string; kind: string } {
  const [, path = "", kind = ""] = type.split(":");
  const module = (path.split("/")[0] ?? path).toLowerCase();
  const isLogs = module === "cloudwatch" && kind.startsWith("Log");
  const isEvents = module === "cloudwatch" && kind.startsWith("Event");
  const service = isLogs ? "logs" : isEvents ? "events" : (SERVICES[module] ?? module);
  const short = isEvents && kind !== "EventBus" ? kind.slice("Event".length) : kind;
  const lower = short.toLowerCase();
  const keys = [`${module}/${lower}`, `${service}/${lower}`];
  return {
    key: keys.find((key) => Object.hasOwn(FORMATS, key)) ?? `${service}/${lower}`,
    service,
    kind: lower,
  };
}

/** The ARN of a resource with this id and this name in AWS. */
export function arnOf(request: ProviderRequest, id: string, name: string): string {
  const { partition, region, account } = request.place;
  const { key, service, kind } = typeInfo(request.type);
  const format =
    FORMATS[key] ??
    `${service}:${GLOBAL.has(service) ? "" : "{region}"}:{account}:${service === "ec2" ? kebab(request.type) : kind}/${service === "ec2" ? "{id}" : "{name}"}`;
  const parts: Readonly<Record<string, string>> = {
    region: key === "wafv2/webacl" && text(request, "scope") === "CLOUDFRONT" ? "us-east-1" : region,
    account,
    id,
    name: nameInArn(request, name),
    uuid: uuid(request),
    hex: digestToken(request, 16, HEX),
    hex17: digestToken(request, 17, HEX),
    hex32: digestToken(request, 32, HEX),
    short: digestToken(request, 9, LOWER),
    short6: digestToken(request, 6, UPPER),
  };
  const rest = format.replace(/\{(\w+)\}/g, (_, part: string) => parts[part] ?? text(request, part));
  return rest.startsWith("arn:") ? rest : `arn:${partition}:${withScope(request, rest)}`;
}

/** A web ACL of CloudFront's is global, and a parameter's name may begin with the slash. */
function withScope(request: ProviderRequest, rest: string): string {
  return text(request, "scope") === "CLOUDFRONT"
    ? rest.replace(":regional/", ":global/")
    : rest.replace("parameter//", "parameter/").replace("alias/alias/", "alias/");
}

function nameInArn(request: ProviderRequest, name: string): string {
  const service = text(request, "cluster").split("/").at(-1);
  return request.type.endsWith(":Service") && service ? `${service}/${name}` : name;
}

function kebab(type: string): string {
  const kind = type.split(":").at(-1) ?? "";
  return kind.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
}
