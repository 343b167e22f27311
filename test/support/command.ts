import { run } from "../../cli/main";

export interface CommandResult {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs the command in this process, which saves most of a second. `test/cli/command.test.ts` tests it in its own
 * process.
 */
export async function runCommand(
  args: readonly string[],
  folder = process.cwd(),
  command = run,
): Promise<CommandResult & { readonly status: number }> {
  const written = { stdout: "", stderr: "" };
  const before = process.cwd();
  const restores = (["stdout", "stderr"] as const).map((name) => {
    const stream: NodeJS.WriteStream & { fd?: number | undefined } = process[name];
    const { write, fd } = stream;
    // Without a file descriptor, all output is written to the stream.
    stream.fd = undefined;
    stream.write = ((text: string, done?: () => void) => {
      written[name] += text;
      done?.();
      return true;
    }) as typeof write;
    return () => {
      stream.write = write;
      stream.fd = fd;
    };
  });
  try {
    process.chdir(folder);
    return { status: await command(args), out: written.stdout, err: written.stderr };
  } finally {
    process.chdir(before);
    for (const restore of restores) restore();
  }
}
