/**
 * The part of the Functions worker that `@azure/functions` talks to. Functions that an app registers are collected, and invoked
 * through the library's own programming model, so that conversions and contexts are those of the real worker; hooks run where the
 * real worker runs them (Azure/azure-functions-nodejs-worker, InvocationHandler).
 */
import { randomUUID } from 'node:crypto';
import { type CoreApi, type Hook, installCore, programmingModel } from './core-api.ts';
import type {
  Binding,
  Callback,
  CompletedInvocation,
  Invocation,
  Metadata,
  ProgrammingModel,
  RetryOptions,
  TypedData,
} from './protocol.ts';

export interface RegisteredFunction {
  readonly name: string;
  /** Name of the trigger's binding: the one that input data is given under. */
  readonly triggerName: string;
  readonly trigger: Binding;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions;
  readonly metadata: Metadata;
  readonly callback: Callback;
}

export interface LogLine {
  readonly level: string;
  /** Empty for what no function said. */
  readonly function: string;
  /** Empty for what no invocation said. */
  readonly invocationId: string;
  readonly message: string;
}

const hookNames = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation'] as const;
type HookName = (typeof hookNames)[number];

/** The library knows by the property that this is the worker's answer, not the app's fault. */
class UnknownHookError extends RangeError {
  readonly isAzureFunctionsSystemError = true;
}

/** A loaded app: its functions, and the way to invoke them. From its making on it is the one that apps are loaded into. */
export class Core implements CoreApi {
  readonly functions: RegisteredFunction[] = [];
  /** Where the app takes HTTP requests as streams; absent: with the invocation. */
  httpUri: string | undefined;
  private model: ProgrammingModel | undefined;
  private readonly hooks = new Map<string, Hook[]>();
  /** Of hooks of every scope. */
  private readonly appHookData = {};
  /** Of the app's start and end alone. */
  private readonly appOnlyHookData = {};
  private readonly onLog: (line: LogLine) => void;
  private readonly uninstall: () => void;

  constructor(onLog: (line: LogLine) => void) {
    this.onLog = onLog;
    this.uninstall = installCore(this);
  }

  registerFunction(metadata: Metadata, callback: Callback): { readonly dispose: () => void } {
    const { name, bindings, retryOptions } = metadata;
    const found = Object.entries(bindings).find(([, { type }]) => /trigger$/i.test(type));
    if (!found) throw new Error(`the function ${name} has no trigger`);
    const [triggerName, trigger] = found;
    const registered = {
      name,
      triggerName,
      trigger,
      bindings,
      metadata,
      callback,
      ...(retryOptions && { retryOptions }),
    };
    this.functions.push(registered);
    return { dispose: () => void this.functions.splice(this.functions.indexOf(registered), 1) };
  }

  registerHook(name: string, hook: Hook): { readonly dispose: () => void } {
    if (!hookNames.some((known) => known === name)) throw new UnknownHookError(`there is no hook "${name}"`);
    this.hooks.set(name, [...(this.hooks.get(name) ?? []), hook]);
    const remove = (): void => {
      const others = (this.hooks.get(name) ?? []).filter((each) => each !== hook);
      this.hooks.set(name, others);
    };
    return { dispose: remove };
  }

  log(level: string, _category: string, message: string): void {
    this.onLog({ level, function: '', invocationId: '', message });
  }

  private async runHooks(name: HookName, context: unknown): Promise<void> {
    for (const hook of this.hooks.get(name) ?? []) await hook(context);
  }

  /** To be called when the app is loaded. */
  async start(): Promise<void> {
    this.model = programmingModel();
    this.httpUri = (await this.model?.getCapabilities?.({}))?.HttpUri;
    await this.runHooks('appStart', { hookData: this.appOnlyHookData, appHookData: this.appHookData });
  }

  /** The hooks of the end, and then nothing answers the library any more. */
  async stop(): Promise<void> {
    try {
      await this.runHooks('appTerminate', { hookData: this.appOnlyHookData, appHookData: this.appHookData });
    } finally {
      this.uninstall();
    }
  }

  /**
   * Runs a function once.
   * @returns what it returned and put out, converted
   * @throws what the function or a hook threw
   */
  async invoke(
    registered: RegisteredFunction,
    data: TypedData,
    invocation: Invocation = {},
  ): Promise<CompletedInvocation> {
    if (!this.model) throw new Error('the app has not registered a function');
    const { name, metadata, triggerName, callback } = registered;
    const { invocationId = randomUUID(), triggerMetadata = {}, retryContext = null } = invocation;
    const request = {
      invocationId,
      functionId: name,
      inputData: [{ name: triggerName, data }],
      triggerMetadata,
      retryContext,
      traceContext: { traceParent: traceParent(), traceState: '', attributes: {} },
    };
    const log = (level: string, _category: string, message: string): void =>
      this.onLog({ level, function: name, invocationId, message });
    const coreContext = { invocationId, metadata, request, log, state: 'preInvocationHooks' };
    const model = this.model.getInvocationModel(coreContext);
    const { context, inputs } = await model.getArguments();
    const shared = { hookData: {}, appHookData: this.appHookData, invocationContext: context };
    const before = { ...shared, inputs, functionCallback: callback };
    await this.runHooks('preInvocation', before);
    const after: Record<string, unknown> = { ...shared, inputs: before.inputs, result: null, error: null };
    coreContext.state = 'invocation';
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error;
    }
    coreContext.state = 'postInvocationHooks';
    await this.runHooks('postInvocation', after);
    if (after.error !== null && after.error !== undefined) throw after.error;
    const isEmpty = after.result === null || after.result === undefined;
    return { ...(await model.getResponse(context, after.result)), isEmpty };
  }
}

/** A trace of its own (W3C Trace Context, section 3.2). */
function traceParent(): string {
  const hex = (): string => randomUUID().replaceAll('-', '');
  return `00-${hex()}-${hex().slice(0, 16)}-01`;
}
