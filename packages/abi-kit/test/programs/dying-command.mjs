// A host that ends at its first question.
process.stdin.once("data", () => process.exit(7));
