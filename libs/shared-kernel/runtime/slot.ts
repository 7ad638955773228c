import { ClsServiceManager } from 'nestjs-cls';

/**
 * One named value in the request-local state. A slot belongs to the file that makes it; nobody else can
 * reach its value. Values set inside `with` are seen by everything that the callback awaits, and by nothing else.
 */
export class Slot<T> {
  private readonly key: symbol;

  constructor(name: string) {
    this.key = Symbol(name);
  }

  get(): T | undefined {
    const cls = ClsServiceManager.getClsService<Record<symbol, T>>();
    return cls.isActive() ? (cls.get() as Record<symbol, T>)[this.key] : undefined;
  }

  /** Runs the callback with this slot set; the other slots are inherited. */
  with<R>(value: T, callback: () => R): R {
    const cls = ClsServiceManager.getClsService<Record<symbol, T>>();
    const inherited = cls.isActive() ? (cls.get() as Record<symbol, T>) : {};
    return cls.runWith({ ...copyOf(inherited), [this.key]: value } as Record<symbol, T>, callback);
  }
}

/** A spread skips nothing here: CLS stores are plain objects with symbol keys. */
function copyOf<S extends object>(store: S): S {
  return Object.assign({}, store);
}
