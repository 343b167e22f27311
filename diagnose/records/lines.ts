import { StringDecoder } from "node:string_decoder";

/** The maximum length of a line of a log: a longer one is cut off. */
const MAX_LINE_LENGTH = 4_000_000;

/** The lines of a text that is read in chunks; also UTF-16, which a redirection in Windows PowerShell writes. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decoder: StringDecoder | undefined;
  let rest = "";
  for await (const chunk of chunks) {
    decoder ??= new StringDecoder(chunk[0] === 0xff && chunk[1] === 0xfe ? "utf16le" : "utf8");
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield plain(line);
    if (rest.length > MAX_LINE_LENGTH) {
      yield plain(rest);
      rest = "";
    }
  }
  rest += decoder?.end() ?? "";
  if (rest !== "") yield plain(rest);
}

function plain(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
