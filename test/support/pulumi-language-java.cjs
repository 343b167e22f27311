#!/usr/bin/env node
/**
 * A stand-in for the language host that the Pulumi CLI has for Java: it runs a program with Maven as that one does, so
 * that programs with Pulumi's real SDK for Java are tested where the CLI is not.
 */
const { spawn } = require("node:child_process");
const grpc = require("@grpc/grpc-js");
const language = require("@pulumi/pulumi/proto/language_pb");
const services = require("@pulumi/pulumi/proto/language_grpc_pb");

const [engine] = process.argv.slice(2);

function environmentOf(request) {
  const config = request.getConfigMap().toObject();
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_DRY_RUN: String(request.getDryrun()),
    PULUMI_ENGINE: engine,
    PULUMI_MONITOR: request.getMonitorAddress(),
    PULUMI_ORGANIZATION: request.getOrganization(),
    PULUMI_PARALLEL: String(request.getParallel()),
    PULUMI_PROJECT: request.getProject(),
    PULUMI_ROOT_DIRECTORY: request.getInfo().getRootDirectory(),
    PULUMI_STACK: request.getStack(),
  };
}

function run({ request }, answer) {
  const child = spawn("mvn", ["--batch-mode", "--no-transfer-progress", "--quiet", "compile", "exec:java"], {
    cwd: request.getInfo().getProgramDirectory(),
    env: { ...process.env, ...environmentOf(request) },
    stdio: ["ignore", 2, 2],
  });
  child.on("error", (error) => answer(error));
  child.on("close", (code) => {
    const response = new language.RunResponse();
    if (code !== 0) response.setError(`mvn ended with ${code}`);
    answer(null, response);
  });
}

const server = new grpc.Server();
server.addService(services.LanguageRuntimeService, { run });
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
