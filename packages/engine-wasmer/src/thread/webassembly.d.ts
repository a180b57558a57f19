// What this package uses of the WebAssembly JavaScript interface: neither Node's types nor the base library bring it.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: BufferSource);
    static exports(module: Module): readonly { readonly name: string }[];
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  let Instance: new (module: Module, imports?: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => Instance;
  interface MemoryDescriptor {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  let Memory: new (descriptor: MemoryDescriptor) => Memory;
  let promising: ((run: unknown) => (...operands: readonly unknown[]) => Promise<unknown>) | undefined;
}
