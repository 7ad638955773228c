/** Reads a streamed answer bit by bit. */
export interface TextReader {
  /** Everything read so far, once it holds the text. */
  until(text: string): Promise<string>;
  /** Resolves when the other side ends the stream. */
  end(): Promise<void>;
  cancel(): Promise<void>;
}

export function readText(answer: Response): TextReader {
  if (!answer.body) throw new Error('The answer has no body.');
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  const more = async (): Promise<boolean> => {
    const { done, value } = await reader.read();
    seen += value ?? '';
    return !done;
  };
  return {
    until: async (text) => {
      while (!seen.includes(text)) if (!await more()) throw new Error(`The stream ended without "${text}": ${seen}`);
      return seen;
    },
    end: async () => {
      while (await more());
    },
    cancel: () => reader.cancel(),
  };
}
