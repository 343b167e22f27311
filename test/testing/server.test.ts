/** The resource monitor as a gRPC server for programs in other languages. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";

import engine = require("@pulumi/pulumi/proto/engine_pb");
import engineServices = require("@pulumi/pulumi/proto/engine_grpc_pb");
import resource = require("@pulumi/pulumi/proto/resource_pb");
import resourceServices = require("@pulumi/pulumi/proto/resource_grpc_pb");
import source = require("@pulumi/pulumi/proto/source_pb");

import { positionFrom } from "../../engine/source";
import { Empty, fromStruct, grpc, toStruct } from "../../engine/wire";
import { type ServedMonitor, serveMonitor } from "../../testing/server";

type Callback<T> = (error: Error | null, response: T) => void;
const called = <T>(call: (callback: Callback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => call((error, response) => (error ? reject(error) : resolve(response))));

describe("the resource monitor as a server", () => {
  let served: ServedMonitor;
  let monitor: resourceServices.ResourceMonitorClient;

  beforeEach(async () => {
    served = await serveMonitor({
      as: "deployed",
      project: "shop",
      locate: (position) => positionFrom("/work", position),
    });
    monitor = new resourceServices.ResourceMonitorClient(served.address, grpc.credentials.createInsecure());
  });

  afterEach(() => {
    monitor.close();
    served.close();
  });

  function registration(): resource.RegisterResourceRequest {
    const request = new resource.RegisterResourceRequest();
    request.setType("aws:iam/role:Role");
    request.setName("caller");
    request.setCustom(true);
    request.setObject(toStruct({ assumeRolePolicy: "{}" }));
    const position = new source.SourcePosition();
    position.setUri("file:///work/src/__main__.py");
    position.setLine(15);
    request.setSourceposition(position);
    return request;
  }

  it("responds to a registration with simulated outputs and records it with its source line", async () => {
    const response = await called<resource.RegisterResourceResponse>((done) =>
      monitor.registerResource(registration(), done),
    );
    strictEqual(response.getUrn(), "urn:pulumi:dev::shop::aws:iam/role:Role::caller");
    match(String(fromStruct(response.getObject()).arn), /^arn:aws:iam::\d{12}:role\/caller/);
    const role = served.plan().resources.find(({ name }) => name === "caller");
    deepStrictEqual(role?.source, { file: "src/__main__.py", line: 15 });
  });

  it("rejects invalid and unsupported requests", async () => {
    await called((done) => monitor.registerResource(registration(), done));
    await rejects(
      called((done) => monitor.registerResource(registration(), done)),
      /Duplicate resource URN/,
    );
    await rejects(
      called((done) => monitor.getDeploymentInfo(new Empty(), done)),
      ({ code }: { code: number }) => code === grpc.status.UNIMPLEMENTED,
    );
  });

  it("records errors that a program logs, and the time of its last request", async () => {
    const client = new engineServices.EngineClient(served.address, grpc.credentials.createInsecure());
    const before = served.lastRequestTime();
    await new Promise((done) => setTimeout(done, 5));
    for (const [severity, message] of [
      [engine.LogSeverity.WARNING, "careful"],
      [engine.LogSeverity.ERROR, "broken"],
    ] as const) {
      const request = new engine.LogRequest();
      request.setSeverity(severity);
      request.setMessage(message);
      await called((done) => client.log(request, done));
    }
    client.close();
    deepStrictEqual(served.errors, ["broken"]);
    ok(served.lastRequestTime() > before);
  });

  it("lists the components that need a plugin", async () => {
    const request = registration();
    request.setType("awsx:ec2:Vpc");
    request.setCustom(false);
    request.setRemote(true);
    await called((done) => monitor.registerResource(request, done));
    deepStrictEqual(served.remoteComponents, ["urn:pulumi:dev::shop::awsx:ec2:Vpc::caller"]);
  });

  it("listens only on the loopback interface and stops when it is closed", async () => {
    const [, port] = served.address.split(":");
    const reaches = (host: string): Promise<boolean> =>
      new Promise((done) => {
        const socket = connect(Number(port), host);
        socket.on("connect", () => socket.end(() => done(true))).on("error", () => done(false));
      });
    ok(await reaches("127.0.0.1"));
    const external = Object.values(networkInterfaces())
      .flat()
      .find((networkInterface) => networkInterface?.family === "IPv4" && !networkInterface.internal);
    if (external !== undefined) strictEqual(await reaches(external.address), false);
    monitor.close();
    served.close();
    strictEqual(await reaches("127.0.0.1"), false);
  });
});
