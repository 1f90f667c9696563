/**
 * The part of the Functions worker that `@azure/functions` talks to: it asks for `@azure/functions-core`, which no package holds,
 * and gets this. Functions that are registered are collected, and invoked through the library's own programming model, so that
 * conversions and contexts are those of the real worker.
 */
import { randomUUID } from 'node:crypto';
import Module from 'node:module';

/** Value as it travels between host and worker (`TypedData` of the worker's protocol). */
export type TypedData =
  | { readonly string: string }
  | { readonly json: string }
  | { readonly bytes: Uint8Array }
  | { readonly int: number }
  | { readonly double: number }
  | { readonly http: HttpData };

export interface HttpData {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: { readonly bytes?: Uint8Array; readonly string?: string };
  readonly statusCode?: string;
}

export interface Binding {
  readonly type: string;
  readonly direction: string;
  readonly name?: string;
  readonly authLevel?: string;
  readonly methods?: readonly string[];
  readonly route?: string;
  readonly queueName?: string;
  readonly connection?: string;
  readonly schedule?: string;
  readonly runOnStartup?: boolean;
}

interface Metadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

type Callback = (...inputs: unknown[]) => unknown;

interface Arguments {
  readonly context: unknown;
  readonly inputs: unknown[];
}

interface InvocationResponse {
  readonly returnValue?: TypedData | null;
}

interface InvocationModel {
  readonly getArguments: () => Promise<Arguments>;
  readonly invokeFunction: (context: unknown, inputs: unknown[], handler: Callback) => Promise<unknown>;
  readonly getResponse: (context: unknown, result: unknown) => Promise<InvocationResponse>;
}

interface ProgrammingModel {
  readonly name: string;
  readonly getInvocationModel: (context: unknown) => InvocationModel;
  readonly getCapabilities?: (capabilities: Record<string, string>) => Promise<Record<string, string>>;
}

export interface RegisteredFunction {
  readonly name: string;
  /** Name of the trigger's binding: the one that input data is given under. */
  readonly triggerName: string;
  readonly trigger: Binding;
  readonly metadata: Metadata;
  readonly callback: Callback;
}

export interface LogLine {
  readonly level: string;
  readonly function: string;
  readonly invocationId: string;
  readonly message: string;
}

type Hook = (context: Record<string, unknown>) => unknown;
type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';

const coreId = '@azure/functions-core';

/** A loaded app: its functions, and the way to invoke them. */
export class Core {
  readonly functions: RegisteredFunction[] = [];
  private model: ProgrammingModel | undefined;
  private readonly hooks = new Map<string, Hook[]>();
  private readonly onLog: (line: LogLine) => void;
  private readonly restore: () => void;

  constructor(onLog: (line: LogLine) => void) {
    this.onLog = onLog;
    this.restore = this.install();
  }

  /** Answers `require('@azure/functions-core')` in this process. @returns what undoes it */
  private install(): () => void {
    const api = this.api();
    const prototype = Module.prototype as unknown as { require: (id: string) => unknown };
    const original = prototype.require;
    prototype.require = function patched(this: unknown, id: string): unknown {
      return id === coreId ? api : original.call(this, id);
    };
    return () => {
      prototype.require = original;
    };
  }

  private api(): Record<string, unknown> {
    return {
      version: '3.0.0',
      hostVersion: '4.1045.0',
      registerFunction: (metadata: Metadata, callback: Callback) => this.register(metadata, callback),
      setProgrammingModel: (model: ProgrammingModel) => {
        this.model = model;
      },
      getProgrammingModel: () => this.model,
      registerHook: (name: HookName, hook: Hook) => this.registerHook(name, hook),
      log: (level: string, _category: string, message: string) =>
        this.onLog({ level, function: '', invocationId: '', message }),
      Disposable: class {
        dispose(): void {}
      },
    };
  }

  private register(metadata: Metadata, callback: Callback): { readonly dispose: () => void } {
    const found = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type));
    if (!found) throw new Error(`the function ${metadata.name} has no trigger`);
    const [triggerName, trigger] = found;
    const registered = { name: metadata.name, triggerName, trigger, metadata, callback };
    this.functions.push(registered);
    return { dispose: () => void this.functions.splice(this.functions.indexOf(registered), 1) };
  }

  private registerHook(name: HookName, hook: Hook): { readonly dispose: () => void } {
    const hooks = this.hooks.get(name) ?? [];
    this.hooks.set(name, [...hooks, hook]);
    return {
      dispose: () =>
        void this.hooks.set(
          name,
          (this.hooks.get(name) ?? []).filter((each) => each !== hook),
        ),
    };
  }

  async runHooks(name: HookName, context: Record<string, unknown>): Promise<void> {
    for (const hook of this.hooks.get(name) ?? []) await hook(context);
  }

  /** To be called when the app is loaded. */
  async start(): Promise<void> {
    await this.model?.getCapabilities?.({});
    await this.runHooks('appStart', { hookData: {}, appHookData: {} });
  }

  async stop(): Promise<void> {
    await this.runHooks('appTerminate', { hookData: {}, appHookData: {} });
    this.restore();
  }

  /**
   * Runs a function once.
   * @returns what it returned, converted
   * @throws what the function threw
   */
  async invoke(
    { name, metadata, triggerName, callback }: RegisteredFunction,
    data: TypedData,
    triggerMetadata: Readonly<Record<string, TypedData>> = {},
  ): Promise<TypedData | null | undefined> {
    if (!this.model) throw new Error('the app has not registered a function');
    const invocationId = randomUUID();
    const log = (level: string, _category: string, message: string): void =>
      this.onLog({ level, function: name, invocationId, message });
    const request = {
      invocationId,
      functionId: name,
      inputData: [{ name: triggerName, data }],
      triggerMetadata,
      retryContext: null,
      traceContext: { traceParent: traceParent(), traceState: '', attributes: {} },
    };
    const invocation = this.model.getInvocationModel({ invocationId, metadata, request, log, state: undefined });
    const { context, inputs } = await invocation.getArguments();
    const hookContext: Record<string, unknown> = {
      hookData: {},
      appHookData: {},
      invocationContext: context,
      inputs,
      functionCallback: callback,
    };
    await this.runHooks('preInvocation', hookContext);
    try {
      const handler = hookContext.functionCallback as Callback;
      hookContext.result = await invocation.invokeFunction(context, hookContext.inputs as unknown[], handler);
    } catch (error) {
      hookContext.error = error;
    }
    await this.runHooks('postInvocation', hookContext);
    if (hookContext.error !== undefined && hookContext.error !== null) throw hookContext.error;
    return (await invocation.getResponse(context, hookContext.result)).returnValue;
  }
}

/** A trace of its own (W3C Trace Context, section 3.2). */
function traceParent(): string {
  const hex = (): string => randomUUID().replaceAll('-', '');
  return `00-${hex()}-${hex().slice(0, 16)}-01`;
}
