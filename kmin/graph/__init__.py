"""The middle form: a Graph of ops over named tensors, and the passes that rewrite it."""
