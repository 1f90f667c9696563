/**
 * Answers `require('@azure/functions-core')`, which no package holds, in this process. It only passes on: what an app says goes to
 * the core that was installed last. The functions library is a module of its process, and keeps the answer that it got first; so
 * there is one answer, whatever the number of hosts that come and go.
 */
import Module from 'node:module';
import type { Callback, Metadata, ProgrammingModel } from './protocol.ts';

export type Hook = (context: unknown) => unknown;

interface Disposable {
  readonly dispose: () => void;
}

/** The side of a core that apps see. */
export interface CoreApi {
  readonly registerFunction: (metadata: Metadata, callback: Callback) => Disposable;
  /** @throws RangeError for a name that is not known */
  readonly registerHook: (name: string, hook: Hook) => Disposable;
  readonly log: (level: string, category: string, message: string) => void;
}

const coreId = '@azure/functions-core';
const installed: CoreApi[] = [];
let lastModel: ProgrammingModel | undefined;
let removePatch = (): void => {};

function newest(): CoreApi {
  const api = installed.at(-1);
  if (!api) throw new Error('no functions host runs in this process');
  return api;
}

const answer = {
  version: '3.0.0',
  hostVersion: '4.1045.0',
  registerFunction: (metadata: Metadata, callback: Callback) => newest().registerFunction(metadata, callback),
  registerHook: (name: string, hook: Hook) => newest().registerHook(name, hook),
  setProgrammingModel: (model: ProgrammingModel): void => {
    lastModel = model;
  },
  getProgrammingModel: () => lastModel,
  // The library may have something to say when its host is gone; nobody is left to hear it.
  log: (level: string, category: string, message: string) => installed.at(-1)?.log(level, category, message),
  Disposable: class {
    private readonly onDispose: () => void;
    constructor(onDispose: () => void) {
      this.onDispose = onDispose;
    }
    dispose(): void {
      this.onDispose();
    }
  },
};

function patch(): () => void {
  const prototype = Module.prototype as unknown as { require: (id: string) => unknown };
  const original = prototype.require;
  const patched = function (this: unknown, id: string): unknown {
    return id === coreId && installed.length > 0 ? answer : original.call(this, id);
  };
  prototype.require = patched;
  return () => {
    // Somebody else may have patched it since: theirs stays, and ours, below it, passes everything on.
    if (prototype.require === patched) prototype.require = original;
  };
}

/** @returns what takes it away again */
export function installCore(api: CoreApi): () => void {
  if (installed.length === 0) removePatch = patch();
  installed.push(api);
  return () => {
    const index = installed.indexOf(api);
    if (index < 0) return;
    installed.splice(index, 1);
    if (installed.length === 0) removePatch();
  };
}

/** The model of the library's copy that was loaded last. */
export function programmingModel(): ProgrammingModel | undefined {
  return lastModel;
}
