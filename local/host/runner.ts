/** Runs functions for the triggers, sends on what they put out, and counts what is on its way. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Core, LogLine, RegisteredFunction } from './core.ts';
import { describe } from './describe-error.ts';
import { sendOutputs } from './output-bindings.ts';
import type { CompletedInvocation, Invocation, TypedData } from './protocol.ts';

export class Runner {
  count = 0;
  /** Where the app takes HTTP requests as streams. */
  readonly httpUri: string | undefined;
  private readonly core: Core;
  private readonly messageEncoding: 'base64' | 'none';
  private readonly onLog: (line: LogLine) => void;

  constructor(core: Core, messageEncoding: 'base64' | 'none', onLog: (line: LogLine) => void) {
    this.core = core;
    this.httpUri = core.httpUri;
    this.messageEncoding = messageEncoding;
    this.onLog = onLog;
  }

  /** @throws what the function threw, or what refused its outputs */
  async run(registered: RegisteredFunction, data: TypedData, invocation: Invocation): Promise<CompletedInvocation> {
    return this.track(async () => {
      const response = await this.core.invoke(registered, data, invocation);
      await sendOutputs(registered, response, this.messageEncoding);
      return response;
    });
  }

  /** Counts work as running until it ends. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    this.count++;
    try {
      return await work();
    } finally {
      this.count--;
    }
  }

  logFailure(registered: RegisteredFunction, invocationId: string, error: unknown): void {
    this.onLog({ level: 'error', function: registered.name, invocationId, message: describe(error) });
  }

  /** Resolves when nothing runs. */
  async finished(): Promise<void> {
    while (this.count > 0) await sleep(10);
  }
}
