/**
 * A simulated Pulumi Cloud that can publish a policy pack to an organization and enforce it on a stack. Other requests
 * are recorded in {@link PolicyService.unserved} and answered with 404. The requests are those of the CLI:
 * https://github.com/pulumi/pulumi/tree/master/pkg/backend/httpstate/client
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** The organization that exists. */
export const ORGANIZATION = "shop-org";

/** The body of the CLI's request to create a pack: `CreatePolicyPackRequest` in its `apitype`. */
export interface Announced {
  name: string;
  displayName: string;
  versionTag: string;
  description?: string;
  readme?: string;
  provider?: string;
  tags?: string[];
  repository?: string;
  runtime?: string;
  policies: AnnouncedPolicy[];
}

export interface AnnouncedPolicy {
  name: string;
  displayName: string;
  description: string;
  enforcementLevel: string;
  severity?: string;
  framework?: { name?: string; version?: string; reference?: string; specification?: string };
  tags?: string[];
  remediationSteps?: string;
  url?: string;
  configSchema?: { type: string; properties?: Record<string, unknown>; required?: string[] };
}

/** A published pack. */
export interface Published {
  announced: Announced;
  tarball: Buffer;
  /** Whether the CLI has completed the upload. */
  complete: boolean;
}

export interface PolicyService {
  url: string;
  published: Published[];
  /** The settings with which the last published pack is enforced, or `undefined` if it is not enforced. */
  enabled: Record<string, unknown> | undefined;
  /** Requests that this service does not support. */
  unserved: string[];
  close(): void;
}

type Handler = (match: string[], body: Buffer) => unknown;

const UPLOAD_HEADER = "x-upload-token";

/** Starts the service on a free port of the loopback interface. */
export async function servePolicies(): Promise<PolicyService> {
  const service: PolicyService = {
    url: "",
    published: [],
    enabled: undefined,
    unserved: [],
    close: () => server.close(),
  };
  const latest = (): Published => {
    const pack = service.published.at(-1);
    if (pack === undefined) throw new Error("nothing was published");
    return pack;
  };
  const required = (): object[] => {
    if (service.enabled === undefined) return [];
    const { name, displayName, versionTag } = latest().announced;
    const packLocation = `${service.url}/packs/latest`;
    return [{ name, displayName, version: 1, versionTag, packLocation, config: service.enabled }];
  };
  const org = `/api/orgs/${ORGANIZATION}`;
  const stack = `/api/stacks/${ORGANIZATION}/([^/]+)/([^/]+)`;
  const routes: [route: string, handler: Handler][] = [
    ["GET /api/user", () => ({ githubLogin: "engineer", organizations: [{ githubLogin: ORGANIZATION }] })],
    ["GET /api/user/organizations/default", () => ({ GitHubLogin: ORGANIZATION })],
    ["GET /api/capabilities", () => ({ capabilities: [] })],
    [
      `POST ${org}/policypacks`,
      (_match, body) => {
        service.published.push({
          announced: JSON.parse(body.toString("utf8")),
          tarball: Buffer.alloc(0),
          complete: false,
        });
        return {
          version: service.published.length,
          uploadURI: `${service.url}/packs/latest`,
          requiredHeaders: { [UPLOAD_HEADER]: "yes" },
        };
      },
    ],
    [
      "PUT /packs/latest",
      (_match, body) => {
        latest().tarball = body;
        return {};
      },
    ],
    ["GET /packs/latest", () => latest().tarball],
    [
      `POST ${org}/policypacks/([^/]+)/versions/([^/]+)/complete`,
      ([, name, version]) => {
        const { announced } = latest();
        if (name !== announced.name || version !== announced.versionTag) return undefined;
        latest().complete = true;
        return {};
      },
    ],
    [
      `GET ${org}/policypacks/[^/]+/versions/[^/]+/schema`,
      () => ({
        configSchema: Object.fromEntries(
          latest().announced.policies.map(({ name, configSchema }) => [name, configSchema]),
        ),
      }),
    ],
    [
      `PATCH ${org}/policygroups/[^/]+`,
      (_match, body) => {
        service.enabled = JSON.parse(body.toString("utf8")).addPolicyPack.config ?? {};
        return {};
      },
    ],
    [
      `GET ${stack}`,
      ([, projectName, stackName]) => ({
        orgName: ORGANIZATION,
        projectName,
        stackName,
        tags: {},
        version: 0,
      }),
    ],
    [`GET ${stack}/export`, () => ({ version: 3, deployment: { manifest: {}, resources: [] } })],
    [
      `POST ${stack}/encrypt`,
      (_match, body) => ({ ciphertext: JSON.parse(body.toString("utf8")).plaintext }),
    ],
    [`POST ${stack}/preview`, () => ({ updateID: "1", requiredPolicies: required() })],
    [`POST ${stack}/update/1`, () => ({ version: 1, token: "lease" })],
    [`POST ${stack}/update/1/renew_lease`, () => ({ token: "lease" })],
    [`POST ${stack}/update/1/events/batch`, () => ({})],
    [`POST ${stack}/update/1/complete`, () => ({})],
  ];
  const answer = (request: IncomingMessage, body: Buffer): unknown => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const call = `${request.method} ${pathname}`;
    for (const [route, handler] of routes) {
      const match = new RegExp(`^${route}$`).exec(call);
      if (match === null) continue;
      // An object store accepts an upload only with the headers of its presigned URL.
      if (call.startsWith("PUT ") && request.headers[UPLOAD_HEADER] !== "yes") return undefined;
      return handler(match, body);
    }
    service.unserved.push(call);
    return undefined;
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const reply = answer(request, Buffer.concat(chunks));
      if (reply === undefined) response.writeHead(404).end('{"code":404,"message":"not found"}');
      else if (Buffer.isBuffer(reply)) response.end(reply);
      else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return service;
}
