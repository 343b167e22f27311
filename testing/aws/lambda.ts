/** The Lambda resources of `@pulumi/aws`. */
import {
  arn,
  CREATED,
  digest,
  functionArn,
  HEX,
  input,
  invokeArn,
  joined,
  LOWER,
  layerPolicy,
  random,
  streamingArn,
  type TypeBehavior,
  text,
  token,
  uuid,
} from "./derived";

export const LAMBDA: Readonly<Record<string, TypeBehavior>> = {
  "aws:lambda/alias:Alias": {
    named: "name",
    id: (request) => `${functionArn(request, text(request, "functionName"))}:${text(request, "name")}`,
    computed: (request, id) => ({ arn: id, invokeArn: invokeArn(request, id) }),
  },
  "aws:lambda/capacityProvider:CapacityProvider": {
    named: "name",
    id: input("name"),
    computed: (request, id) => ({
      arn: arn(request, "lambda", `capacity-provider:${id}`),
      capacityProviderScalingConfigs: [],
      instanceRequirements: [],
    }),
  },
  "aws:lambda/codeSigningConfig:CodeSigningConfig": {
    id: (request) => arn(request, "lambda", `code-signing-config:csc-${token(request.urn, 17, LOWER)}`),
    computed: (request, id) => ({
      arn: id,
      configId: `csc-${token(request.urn, 17, LOWER)}`,
      lastModified: CREATED,
      policies: { untrustedArtifactOnDeployment: "Warn" },
    }),
  },
  "aws:lambda/coreNetworkConnector:CoreNetworkConnector": {
    named: "name",
    id: (request) => arn(request, "lambda", `network-connector:${text(request, "name")}`),
    computed: (_request, id) => ({ arn: id }),
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    defaults: { enabled: true },
    id: uuid,
    computed: (request, id) => ({
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: "" },
      arn: arn(request, "lambda", `event-source-mapping:${id}`),
      documentDbEventSourceConfig: {},
      functionArn: functionArn(request, text(request, "functionName")),
      lastModified: CREATED,
      lastProcessingResult: "",
      maximumRecordAgeInSeconds: -1,
      maximumRetryAttempts: -1,
      parallelizationFactor: 1,
      selfManagedKafkaEventSourceConfig: { consumerGroupId: "" },
      state: "Enabled",
      stateTransitionReason: "USER_INITIATED",
      uuid: id,
    }),
  },
  "aws:lambda/function:Function": {
    named: "name",
    defaults: {
      memorySize: 128,
      packageType: "Zip",
      publish: false,
      reservedConcurrentExecutions: -1,
      skipDestroy: false,
      timeout: 3,
    },
    id: input("name"),
    computed: (request, id) => {
      const unqualifiedArn = arn(request, "lambda", `function:${id}`);
      const version = request.inputs.publish === true ? "1" : "$LATEST";
      return {
        architectures: ["x86_64"],
        arn: unqualifiedArn,
        codeSha256: digest(request),
        ephemeralStorage: { size: 512 },
        invokeArn: invokeArn(request, unqualifiedArn),
        lastModified: CREATED,
        loggingConfig: { logFormat: "Text", logGroup: `/aws/lambda/${id}` },
        qualifiedArn: `${unqualifiedArn}:${version}`,
        qualifiedInvokeArn: invokeArn(request, `${unqualifiedArn}:${version}`),
        responseStreamingInvokeArn: streamingArn(request, unqualifiedArn),
        signingJobArn: "",
        signingProfileVersionArn: "",
        sourceCodeHash: digest(request),
        sourceCodeSize: 512,
        tracingConfig: { mode: "PassThrough" },
        version,
      };
    },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    id: (request) => [text(request, "functionName"), text(request, "qualifier")].filter(Boolean).join(":"),
  },
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": { id: input("functionName") },
  "aws:lambda/functionScalingConfig:FunctionScalingConfig": {
    id: joined(",", "functionName", "qualifier"),
    computed: (request) => ({
      functionArn: functionArn(request, text(request, "functionName")),
      functionState: "Active",
    }),
  },
  "aws:lambda/functionUrl:FunctionUrl": {
    defaults: { invokeMode: "BUFFERED" },
    id: (request) => [text(request, "functionName"), text(request, "qualifier")].filter(Boolean).join("/"),
    computed: (request) => ({
      functionArn: [functionArn(request, text(request, "functionName")), text(request, "qualifier")]
        .filter(Boolean)
        .join(":"),
      functionUrl: `https://${random(32)(request)}.lambda-url.${request.place.region}.on.aws/`,
      urlId: random(32)(request),
    }),
  },
  "aws:lambda/invocation:Invocation": {
    defaults: { lifecycleScope: "CREATE_ONLY", qualifier: "$LATEST", terraformKey: "tf" },
    id: (request) => `${joined("_", "functionName", "qualifier")(request)}_${token(request.urn, 32, HEX)}`,
    computed: () => ({ result: "null" }),
  },
  "aws:lambda/layerVersion:LayerVersion": {
    id: (request) => arn(request, "lambda", `layer:${text(request, "layerName")}:1`),
    computed: (request, id) => ({
      arn: id,
      codeSha256: digest(request),
      createdDate: CREATED,
      layerArn: id.slice(0, id.lastIndexOf(":")),
      signingJobArn: "",
      signingProfileVersionArn: "",
      sourceCodeHash: digest(request),
      sourceCodeSize: 512,
      version: "1",
    }),
  },
  "aws:lambda/layerVersionPermission:LayerVersionPermission": {
    id: joined(",", "layerName", "versionNumber"),
    computed: (request) => ({ policy: layerPolicy(request), revisionId: uuid(request) }),
  },
  "aws:lambda/microvmsImage:MicrovmsImage": {
    named: "name",
    id: (request) => arn(request, "lambda", `microvm-image:${text(request, "name")}`),
    computed: (_request, id) => ({
      additionalOsCapabilities: [],
      arn: id,
      baseImageVersion: "1",
      cpuConfigurations: [],
      createdAt: CREATED,
      egressNetworkConnectors: [],
      environmentVariables: {},
      imageVersion: "1",
      latestActiveImageVersion: "1",
      latestFailedImageVersion: "",
      state: "ACTIVE",
      updatedAt: CREATED,
    }),
  },
  "aws:lambda/permission:Permission": {
    named: "statementId",
    id: input("statementId"),
    computed: () => ({ statementIdPrefix: "" }),
  },
  "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": {
    id: joined(",", "functionName", "qualifier"),
  },
  "aws:lambda/resourcePolicy:ResourcePolicy": {
    id: input("resourceArn"),
    computed: (request) => ({ revisionId: uuid(request) }),
  },
  "aws:lambda/runtimeManagementConfig:RuntimeManagementConfig": {
    id: joined(",", "functionName", "qualifier"),
    computed: (request) => ({ functionArn: functionArn(request, text(request, "functionName")) }),
  },
};
