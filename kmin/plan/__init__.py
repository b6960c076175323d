"""Graph to Plan: order, kernel binding, buffers, and running it."""
