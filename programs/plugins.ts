import services = require("@pulumi/pulumi/proto/provider_grpc_pb");
import messages = require("@pulumi/pulumi/proto/provider_pb");

import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { grpc, toStruct } from "../engine/wire";
import type { MissingPlugin } from "../messages/missing-parts";
import type { ComponentPackage, FindPlugin } from "../testing/components";
import { type RunningChild, withChild } from "./child-process";
import { type PluginCommand, pluginCommand } from "./plugin-files";
import type { Project } from "./project";
import { lastLine, UserError } from "./user-error";

/** The plugins that construct a program's remote components, started on demand. */
export interface Plugins {
  readonly find: FindPlugin;
  /** The packages whose plugin is missing, with the reason. */
  readonly missing: ReadonlyMap<string, MissingPlugin>;
}

/** The maximum number of milliseconds that a plugin may take to print its port. */
const START_TIMEOUT = 60_000;

/**
 * Calls a function with plugins, and stops those that were started. A plugin runs in its own process; it only constructs
 * components and calls their methods.
 */
export async function withPlugins<T>(project: Project, work: (plugins: Plugins) => Promise<T>): Promise<T> {
  const missing = new Map<string, MissingPlugin>();
  const started = new Map<string, Promise<ResourceProviderClient | undefined>>();
  const running: Promise<void>[] = [];
  let failed: unknown;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const start = async (pkg: ComponentPackage): Promise<ResourceProviderClient | undefined> => {
    const command = pluginCommand(pkg, project);
    if ("code" in command) {
      missing.set(pkg.name, command);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const child = run(pkg, command, project, async (client) => {
        resolve(client);
        await finished;
      });
      running.push(
        child.catch((error) => {
          failed ??= error;
          reject(error);
        }),
      );
    });
  };
  const find: FindPlugin = (pkg) => {
    const plugin = started.get(pkg.provider) ?? start(pkg);
    started.set(pkg.provider, plugin);
    return plugin;
  };
  try {
    return await work({ find, missing });
  } catch (error) {
    // The program fails as well, with a longer error.
    throw failed ?? error;
  } finally {
    finish();
    await Promise.all(running);
  }
}

async function run(
  pkg: ComponentPackage,
  { file, args, folder }: PluginCommand,
  project: Project,
  work: (client: ResourceProviderClient) => Promise<void>,
): Promise<void> {
  // The program waits for the plugin, so the timeout of the program applies.
  const idle = { lastActivity: Date.now, patience: 1 };
  // The engine's address; a plugin that logs to it finds no server there, and continues.
  const engineAddress = "127.0.0.1:0";
  const child = { file, args: [...args, engineAddress], folder, environment: {}, isHost: true };
  await withChild(child, idle, async (running) => {
    const port = await portOf(running, pkg);
    const client = new services.ResourceProviderClient(
      `127.0.0.1:${port}`,
      grpc.credentials.createInsecure(),
      { "grpc.max_receive_message_length": -1 },
    );
    try {
      await configure(client, pkg, project);
      await work(client);
    } finally {
      client.close();
    }
  });
}

async function portOf({ firstLine, ended }: RunningChild, { name }: ComponentPackage): Promise<number> {
  const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), START_TIMEOUT).unref());
  const line = await Promise.race([firstLine, late]);
  const port = Number(line);
  if (Number.isInteger(port) && port > 0) return port;
  if (line === "late")
    throw new UserError(`the plugin ${name} did not start within ${START_TIMEOUT / 1_000} s`);
  const reason = line === undefined ? lastLine((await ended).errors) : `it printed ${JSON.stringify(line)}`;
  throw new UserError(`the plugin ${name} did not start${reason === undefined ? "" : `: ${reason}`}`);
}

/** The schema of a plugin's package, as JSON. */
export function schemaFrom(client: ResourceProviderClient): Promise<string> {
  return new Promise((resolve, reject) => {
    client.getSchema(new messages.GetSchemaRequest(), (error, response) => {
      if (error) reject(new UserError(`a plugin has no schema: ${error.details}`));
      else resolve(response.getSchema());
    });
  });
}

/** The engine's first request to a plugin. Plugins from before the handshake was introduced reject it. */
async function configure(
  client: ResourceProviderClient,
  { name, settings }: ComponentPackage,
  project: Project,
): Promise<void> {
  const handshake = new messages.ProviderHandshakeRequest();
  handshake.setEngineAddress("");
  handshake.setRootDirectory(project.root);
  handshake.setProgramDirectory(project.folder);
  await new Promise<void>((resolve) => {
    client.handshake(handshake, () => resolve());
  });
  const request = new messages.ConfigureRequest();
  request.setArgs(toStruct(settings));
  request.setAcceptsecrets(true);
  request.setAcceptresources(true);
  for (const [key, value] of Object.entries(settings))
    request
      .getVariablesMap()
      .set(`${name}:config:${key}`, typeof value === "string" ? value : JSON.stringify(value));
  await new Promise<void>((resolve, reject) => {
    client.configure(request, (error) => {
      if (error) reject(new UserError(`the plugin ${name} cannot be configured: ${error.details}`));
      else resolve();
    });
  });
}
