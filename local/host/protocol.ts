/**
 * What travels between host and worker, in the words of the worker's protocol (FunctionRpc.proto), as far as this host knows it.
 * Types only.
 */

/** A value (`TypedData`). */
export type TypedData =
  | { readonly string: string }
  | { readonly json: string }
  | { readonly bytes: Uint8Array }
  | { readonly int: number }
  | { readonly double: number }
  | { readonly http: HttpData };

interface Nullable<T> {
  readonly value: T;
}

export interface CookieData {
  readonly name: string;
  readonly value: string;
  readonly domain?: Nullable<string>;
  readonly path?: Nullable<string>;
  readonly expires?: Nullable<{ readonly seconds: number }>;
  readonly secure?: Nullable<boolean>;
  readonly httpOnly?: Nullable<boolean>;
  /** `none`: not said; `explicitNone`: said to be "None". */
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  readonly maxAge?: Nullable<number>;
}

export interface HttpRequestData {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly body?: { readonly bytes: Uint8Array };
}

export interface HttpResponseData {
  readonly statusCode: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly CookieData[];
  readonly body?: TypedData | null;
}

export type HttpData = HttpRequestData | HttpResponseData;

export interface Binding {
  readonly type: string;
  readonly direction: string;
  readonly authLevel?: string;
  readonly methods?: readonly string[];
  readonly route?: string;
  readonly queueName?: string;
  readonly connection?: string;
  readonly schedule?: string;
  readonly runOnStartup?: boolean;
  readonly cardinality?: string;
}

interface Duration {
  readonly seconds: number;
}

export interface RetryOptions {
  /** -1: without end. */
  readonly maxRetryCount: number;
  readonly retryStrategy: 'fixedDelay' | 'exponentialBackoff';
  readonly delayInterval?: Duration;
  readonly minimumInterval?: Duration;
  readonly maximumInterval?: Duration;
}

export interface RetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception?: { readonly message: string };
}

export interface Metadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions;
}

/** What a trigger says of one call of a function, beside its data. */
export interface Invocation {
  /** Default: made up. */
  readonly invocationId?: string;
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  readonly retryContext?: RetryContext;
}

export interface InvocationResponse {
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[];
}

export interface CompletedInvocation extends InvocationResponse {
  /** The function returned nothing. */
  readonly isEmpty: boolean;
}

export type Callback = (...inputs: unknown[]) => unknown;

interface InvocationModel {
  readonly getArguments: () => Promise<{ readonly context: unknown; readonly inputs: unknown[] }>;
  readonly invokeFunction: (context: unknown, inputs: unknown[], handler: Callback) => Promise<unknown>;
  readonly getResponse: (context: unknown, result: unknown) => Promise<InvocationResponse>;
}

/** What `@azure/functions` hands to the worker: it knows how data becomes arguments, and results become data. */
export interface ProgrammingModel {
  readonly getInvocationModel: (context: unknown) => InvocationModel;
  readonly getCapabilities?: (capabilities: Record<string, string>) => Promise<Record<string, string>>;
}
