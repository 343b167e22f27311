/**
 * Transforms: functions of a program that change a resource before it is registered, or the arguments of an invoke. The
 * program serves them, and the monitor calls back, as Pulumi's engine does.
 * https://www.pulumi.com/docs/iac/concepts/resources/options/transforms/
 */
import callbackServices = require("@pulumi/pulumi/proto/callback_grpc_pb");
import callbackMessages = require("@pulumi/pulumi/proto/callback_pb");

import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import type * as resource from "@pulumi/pulumi/proto/resource_pb";
import { outputDependencies, withOutputs, withoutOutputs } from "../engine/values";
import { fromStruct, grpc } from "../engine/wire";
import type { Messages } from "./sdk";

/** The address of a program's transform. */
export type Transform = Callback;

/** The programs that serve transforms, by address. */
export class Callbacks {
  readonly #clients = new Map<string, callbackServices.CallbacksClient>();

  constructor(private readonly sdk: Messages) {}

  /**
   * Applies transforms to a registration, in order. As in the engine, a resource's own transforms receive the
   * dependencies of a property with its value, and their response replaces both.
   * https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/source_eval.go
   */
  async transformResource(
    request: resource.RegisterResourceRequest,
    transforms: readonly Transform[],
  ): Promise<void> {
    const { TransformRequest, TransformResponse } = this.sdk.resource;
    const hasTransforms = request.getTransformsList().length > 0;
    const dependencies = request.getPropertydependenciesMap();
    let properties = withOutputs(fromStruct(request.getObject()), (key) =>
      hasTransforms ? (dependencies.get(key)?.getUrnsList() ?? []) : [],
    );
    let options = this.#optionsOf(request);
    for (const transform of transforms) {
      const callbackRequest = new TransformRequest();
      callbackRequest.setType(request.getType());
      callbackRequest.setName(request.getName());
      callbackRequest.setCustom(request.getCustom());
      callbackRequest.setParent(request.getParent());
      callbackRequest.setProperties(this.sdk.toStruct(properties));
      callbackRequest.setOptions(options);
      const response = TransformResponse.deserializeBinary(
        await this.#call(transform, callbackRequest.serializeBinary()),
      );
      properties = fromStruct(response.getProperties());
      options = response.getOptions() ?? options;
    }
    request.setObject(this.sdk.toStruct(withoutOutputs(properties)));
    request.setProvider(options.getProvider());
    request.setVersion(options.getVersion());
    if (!hasTransforms) return;
    const urnsOfResource = new Set(options.getDependsOnList());
    dependencies.clear();
    for (const [key, value] of Object.entries(properties)) {
      const urns = outputDependencies(value);
      const message = new this.sdk.resource.RegisterResourceRequest.PropertyDependencies();
      message.setUrnsList(urns);
      dependencies.set(key, message);
      for (const urn of urns) urnsOfResource.add(urn);
    }
    request.setDependenciesList([...urnsOfResource]);
  }

  #optionsOf(request: resource.RegisterResourceRequest): resource.TransformResourceOptions {
    const options = new this.sdk.resource.TransformResourceOptions();
    options.setDependsOnList(request.getDependenciesList());
    options.setProvider(request.getProvider());
    options.setVersion(request.getVersion());
    options.setProtect(request.getProtect() ?? false);
    options.setIgnoreChangesList(request.getIgnorechangesList());
    options.setAliasesList(request.getAliasesList());
    for (const [name, reference] of request.getProvidersMap().entries())
      options.getProvidersMap().set(name, reference);
    return options;
  }

  /** Applies transforms to an invoke, in order. */
  async transformInvoke(
    request: resource.ResourceInvokeRequest,
    transforms: readonly Transform[],
  ): Promise<void> {
    const { TransformInvokeOptions, TransformInvokeRequest, TransformInvokeResponse } = this.sdk.resource;
    for (const transform of transforms) {
      const options = new TransformInvokeOptions();
      options.setProvider(request.getProvider());
      options.setVersion(request.getVersion());
      const callbackRequest = new TransformInvokeRequest();
      callbackRequest.setToken(request.getTok());
      callbackRequest.setArgs(request.getArgs());
      callbackRequest.setOptions(options);
      const response = TransformInvokeResponse.deserializeBinary(
        await this.#call(transform, callbackRequest.serializeBinary()),
      );
      const changedOptions = response.getOptions() ?? options;
      request.setArgs(response.getArgs());
      request.setProvider(changedOptions.getProvider());
      request.setVersion(changedOptions.getVersion());
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #call(transform: Transform, bytes: Uint8Array): Promise<Uint8Array> {
    const request = new callbackMessages.CallbackInvokeRequest();
    request.setToken(transform.getToken());
    request.setRequest(bytes);
    return new Promise((resolve, reject) => {
      this.#client(transform.getTarget()).invoke(request, (error, response) => {
        if (error) reject(new Error(error.details));
        else resolve(response.getResponse_asU8());
      });
    });
  }

  #client(target: string): callbackServices.CallbacksClient {
    const existing = this.#clients.get(target);
    if (existing !== undefined) return existing;
    const client = new callbackServices.CallbacksClient(target, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
    });
    this.#clients.set(target, client);
    return client;
  }
}
