/** The formats of a report, with their descriptions and writers. Each writer is loaded on demand. */
import type { Input, Report } from "./model";

/** The context that a format needs. */
export interface RenderContext {
  readonly inColor: boolean;
  /** The file of the repository that represents an input, as a path from the repository's root with `/`. */
  readonly fileOf: (input: Input) => string;
}

export interface Format {
  readonly description: string;
  readonly render: (report: Report, reader: RenderContext) => Promise<string>;
}

export const FORMATS = {
  text: {
    description: "tables of the routes, and the findings as the Pulumi CLI prints them",
    render: async (report, { inColor }) => (await import("./text")).renderText(report, inColor),
  },
  html: {
    description: "the access map: a self-contained page to open in a browser",
    render: async (report) => (await import("./html")).renderHtml(report),
  },
  json: {
    description: "the complete report, as described by docs/report.schema.json",
    render: async (report) => (await import("./json")).renderJson(report),
  },
  sarif: {
    description: "the findings in SARIF 2.1.0",
    render: async (report, { fileOf }) => (await import("./sarif")).renderSarif(report, fileOf),
  },
  junit: {
    description: "a test case for each gate of each route",
    render: async (report) => (await import("./junit")).renderJunit(report),
  },
  markdown: {
    description: "the routes and the findings, for a job summary or a pull request comment",
    render: async (report, { fileOf }) => (await import("./markdown")).renderMarkdown(report, fileOf),
  },
  "code-quality": {
    description: "the findings for GitLab Code Quality",
    render: async (report, { fileOf }) => (await import("./code-quality")).renderCodeQuality(report, fileOf),
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];
