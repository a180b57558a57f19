import { registerHooks } from "node:module";

/** Lets Node run this package's sources as they are: a relative import of `x.js` is `x.ts` beside it. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    const source = /^\.\.?\/.*\.js$/.test(specifier) && context.parentURL?.includes("/node_modules/") === false;
    const inBuild = context.parentURL?.includes("/dist/") === true;
    return nextResolve(source && !inBuild ? specifier.replace(/\.js$/, ".ts") : specifier, context);
  },
});
