/**
 * A stand-in for AWS's provider: the simulated results of the in-process plan, served over gRPC to Pulumi's real
 * engine. The engine attaches to it with `PULUMI_DEBUG_PROVIDERS=aws:PORT`; then `pulumi preview` and `pulumi up` run
 * without plugin or account.
 *
 * The engine opens a connection for each provider of a program, so providers of several regions are distinguished.
 */
import { partitionOfRegion } from "../aws";

import plugin = require("@pulumi/pulumi/proto/plugin_pb");
import messages = require("@pulumi/pulumi/proto/provider_pb");
import services = require("@pulumi/pulumi/proto/provider_grpc_pb");

import { type Properties, plainProperties, UNKNOWN } from "../engine/values";
import { Empty, fromStruct, grpc, toStruct } from "../engine/wire";
import { checkedInputs, createOutputs, readOutputs, type SimulatedLocation } from "./aws-answers";
import { dataSource } from "./data-sources";

/** A running stand-in provider. */
export interface ServedProvider {
  /** On 127.0.0.1. */
  port: number;
  close(): void;
}

type Call<Request> = { request: Request; getPeer(): string };
type Reply = (error: null | { code: number; message: string }, response?: unknown) => void;

/**
 * Serves the stand-in provider on a free port.
 *
 * @throws If no port is available.
 */
export async function serveProvider(options: { account?: string } = {}): Promise<ServedProvider> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  server.addService(
    services.ResourceProviderService as unknown as Parameters<typeof server.addService>[0],
    new StandInProvider(options.account ?? "123456789012") as unknown as Parameters<
      typeof server.addService
    >[1],
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { port, close: () => server.forceShutdown() };
}

/** The part of Pulumi's provider protocol that previews and updates need. */
class StandInProvider {
  private readonly initial: SimulatedLocation;
  private readonly places = new Map<string, SimulatedLocation>();
  private readonly outputsById = new Map<string, Properties>();

  constructor(private readonly account: string) {
    this.initial = { region: "us-east-1", account, partition: "aws" };
  }

  getPluginInfo(_call: Call<unknown>, reply: Reply): void {
    const info = new plugin.PluginInfo();
    // The engine warns about a provider that is older than the program's.
    info.setVersion("7.999.0");
    reply(null, info);
  }

  attach(_call: Call<unknown>, reply: Reply): void {
    reply(null, new Empty());
  }

  cancel(_call: Call<unknown>, reply: Reply): void {
    reply(null, new Empty());
  }

  checkConfig(call: Call<messages.CheckRequest>, reply: Reply): void {
    const response = new messages.CheckResponse();
    response.setInputs(call.request.getNews());
    reply(null, response);
  }

  diffConfig(_call: Call<unknown>, reply: Reply): void {
    const response = new messages.DiffResponse();
    response.setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE);
    reply(null, response);
  }

  configure(call: Call<messages.ConfigureRequest>, reply: Reply): void {
    const { region } = fromStruct(call.request.getArgs());
    if (typeof region === "string" && region !== UNKNOWN) {
      const { account } = this;
      this.places.set(call.getPeer(), { region, account, partition: partitionOfRegion(region) });
    }
    const response = new messages.ConfigureResponse();
    response.setSupportspreview(true);
    reply(null, response);
  }

  check(call: Call<messages.CheckRequest>, reply: Reply): void {
    const news = plainProperties(fromStruct(call.request.getNews()));
    const response = new messages.CheckResponse();
    response.setInputs(toStruct(checkedInputs(this.resourceRequest(call, call.request.getUrn(), news))));
    reply(null, response);
  }

  diff({ request }: Call<messages.DiffRequest>, reply: Reply): void {
    this.remember(request.getUrn(), request.getId(), fromStruct(request.getOlds()));
    const isUnchanged = sameJson(fromStruct(request.getOldInputs()), fromStruct(request.getNews()));
    const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
    const response = new messages.DiffResponse();
    response.setChanges(isUnchanged ? DIFF_NONE : DIFF_SOME);
    reply(null, response);
  }

  create(call: Call<messages.CreateRequest>, reply: Reply): void {
    const { request } = call;
    const inputs = plainProperties(fromStruct(request.getProperties()));
    const { id, outputs } = this.createdOutputs(
      this.resourceRequest(call, request.getUrn(), inputs),
      request.getPreview(),
    );
    const response = new messages.CreateResponse();
    response.setId(id === UNKNOWN ? "" : id);
    response.setProperties(toStruct(outputs));
    reply(null, response);
  }

  update(call: Call<messages.UpdateRequest>, reply: Reply): void {
    const inputs = plainProperties(fromStruct(call.request.getNews()));
    const { outputs } = this.createdOutputs(this.resourceRequest(call, call.request.getUrn(), inputs), false);
    const response = new messages.UpdateResponse();
    response.setProperties(toStruct(outputs));
    reply(null, response);
  }

  delete(_call: Call<unknown>, reply: Reply): void {
    reply(null, new Empty());
  }

  read(call: Call<messages.ReadRequest>, reply: Reply): void {
    const { request } = call;
    const inputs = plainProperties(fromStruct(request.getInputs() ?? request.getProperties()));
    const resourceRequest = this.resourceRequest(call, request.getUrn(), inputs);
    const outputs = readOutputs({ ...resourceRequest, find: this.find }, request.getId());
    this.remember(request.getUrn(), request.getId(), outputs);
    const response = new messages.ReadResponse();
    response.setId(request.getId());
    response.setProperties(toStruct(outputs));
    response.setInputs(toStruct(inputs));
    reply(null, response);
  }

  invoke(call: Call<messages.InvokeRequest>, reply: Reply): void {
    const args = plainProperties(fromStruct(call.request.getArgs()));
    const response = new messages.InvokeResponse();
    response.setReturn(toStruct(dataSource(call.request.getTok(), args, this.placeOf(call))));
    reply(null, response);
  }

  private placeOf(call: Call<unknown>): SimulatedLocation {
    return this.places.get(call.getPeer()) ?? this.initial;
  }

  private readonly find = (kind: string, id: string): Properties | undefined =>
    this.outputsById.get(`${kind} ${id}`);

  private resourceRequest(call: Call<unknown>, urn: string, inputs: Properties): ResourceRequest {
    const place = this.placeOf(call);
    const [, , chain = "", ...name] = urn.split("::");
    const { region } = inputs;
    return {
      type: chain.split("$").at(-1) ?? chain,
      name: name.join("::"),
      urn,
      inputs,
      place:
        typeof region === "string" && region !== UNKNOWN
          ? { ...place, region, partition: partitionOfRegion(region) }
          : place,
    };
  }

  private remember(urn: string, id: string, outputs: Properties): void {
    const type = urn.split("::")[2] ?? "";
    this.outputsById.set(`${type.split(":").at(-1)} ${id}`, outputs);
  }

  private createdOutputs(
    resourceRequest: ResourceRequest,
    preview: boolean,
  ): { readonly id: string; readonly outputs: Properties } {
    const { id, outputs } = createOutputs({ ...resourceRequest, find: this.find }, !preview);
    if (id !== UNKNOWN) this.remember(resourceRequest.urn, id, outputs);
    return { id, outputs: { ...outputs, id } };
  }
}

/** A resource in a request of the engine. */
interface ResourceRequest {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly inputs: Properties;
  readonly place: SimulatedLocation;
}

function sameJson(a: Properties, b: Properties): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => {
    const [first, second] = [a[key], b[key]];
    if (first === null || second === null || typeof first !== "object" || typeof second !== "object") {
      return first === second;
    }
    return sameJson(first as Properties, second as Properties);
  });
}
