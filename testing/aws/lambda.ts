/** AWS's provider on Lambda. */
import {
  type Answers,
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
  text,
  token,
  uuid,
} from "./derived";

export const LAMBDA: Readonly<Record<string, Answers>> = {
  "aws:lambda/alias:Alias": {
    named: "name",
    id: (asked) => `${functionArn(asked, text(asked, "functionName"))}:${text(asked, "name")}`,
    computed: (asked, id) => ({ arn: id, invokeArn: invokeArn(asked, id) }),
  },
  "aws:lambda/capacityProvider:CapacityProvider": {
    named: "name",
    id: input("name"),
    computed: (asked, id) => ({
      arn: arn(asked, "lambda", `capacity-provider:${id}`),
      capacityProviderScalingConfigs: [],
      instanceRequirements: [],
    }),
  },
  "aws:lambda/codeSigningConfig:CodeSigningConfig": {
    id: (asked) => arn(asked, "lambda", `code-signing-config:csc-${token(asked.urn, 17, LOWER)}`),
    computed: (asked, id) => ({
      arn: id,
      configId: `csc-${token(asked.urn, 17, LOWER)}`,
      lastModified: CREATED,
      policies: { untrustedArtifactOnDeployment: "Warn" },
    }),
  },
  "aws:lambda/coreNetworkConnector:CoreNetworkConnector": {
    named: "name",
    id: (asked) => arn(asked, "lambda", `network-connector:${text(asked, "name")}`),
    computed: (_asked, id) => ({ arn: id }),
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    defaults: { enabled: true },
    id: uuid,
    computed: (asked, id) => ({
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: "" },
      arn: arn(asked, "lambda", `event-source-mapping:${id}`),
      documentDbEventSourceConfig: {},
      functionArn: functionArn(asked, text(asked, "functionName")),
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
    computed: (asked, id) => {
      const own = arn(asked, "lambda", `function:${id}`);
      const version = asked.inputs.publish === true ? "1" : "$LATEST";
      return {
        architectures: ["x86_64"],
        arn: own,
        codeSha256: digest(asked),
        ephemeralStorage: { size: 512 },
        invokeArn: invokeArn(asked, own),
        lastModified: CREATED,
        loggingConfig: { logFormat: "Text", logGroup: `/aws/lambda/${id}` },
        qualifiedArn: `${own}:${version}`,
        qualifiedInvokeArn: invokeArn(asked, `${own}:${version}`),
        responseStreamingInvokeArn: streamingArn(asked, own),
        signingJobArn: "",
        signingProfileVersionArn: "",
        sourceCodeHash: digest(asked),
        sourceCodeSize: 512,
        tracingConfig: { mode: "PassThrough" },
        version,
      };
    },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    id: (asked) => [text(asked, "functionName"), text(asked, "qualifier")].filter(Boolean).join(":"),
  },
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": { id: input("functionName") },
  "aws:lambda/functionScalingConfig:FunctionScalingConfig": {
    id: joined(",", "functionName", "qualifier"),
    computed: (asked) => ({
      functionArn: functionArn(asked, text(asked, "functionName")),
      functionState: "Active",
    }),
  },
  "aws:lambda/functionUrl:FunctionUrl": {
    defaults: { invokeMode: "BUFFERED" },
    id: (asked) => [text(asked, "functionName"), text(asked, "qualifier")].filter(Boolean).join("/"),
    computed: (asked) => ({
      functionArn: [functionArn(asked, text(asked, "functionName")), text(asked, "qualifier")]
        .filter(Boolean)
        .join(":"),
      functionUrl: `https://${random(32)(asked)}.lambda-url.${asked.place.region}.on.aws/`,
      urlId: random(32)(asked),
    }),
  },
  "aws:lambda/invocation:Invocation": {
    defaults: { lifecycleScope: "CREATE_ONLY", qualifier: "$LATEST", terraformKey: "tf" },
    id: (asked) => `${joined("_", "functionName", "qualifier")(asked)}_${token(asked.urn, 32, HEX)}`,
    computed: () => ({ result: "null" }),
  },
  "aws:lambda/layerVersion:LayerVersion": {
    id: (asked) => arn(asked, "lambda", `layer:${text(asked, "layerName")}:1`),
    computed: (asked, id) => ({
      arn: id,
      codeSha256: digest(asked),
      createdDate: CREATED,
      layerArn: id.slice(0, id.lastIndexOf(":")),
      signingJobArn: "",
      signingProfileVersionArn: "",
      sourceCodeHash: digest(asked),
      sourceCodeSize: 512,
      version: "1",
    }),
  },
  "aws:lambda/layerVersionPermission:LayerVersionPermission": {
    id: joined(",", "layerName", "versionNumber"),
    computed: (asked) => ({ policy: layerPolicy(asked), revisionId: uuid(asked) }),
  },
  "aws:lambda/microvmsImage:MicrovmsImage": {
    named: "name",
    id: (asked) => arn(asked, "lambda", `microvm-image:${text(asked, "name")}`),
    computed: (_asked, id) => ({
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
    computed: (asked) => ({ revisionId: uuid(asked) }),
  },
  "aws:lambda/runtimeManagementConfig:RuntimeManagementConfig": {
    id: joined(",", "functionName", "qualifier"),
    computed: (asked) => ({ functionArn: functionArn(asked, text(asked, "functionName")) }),
  },
};
