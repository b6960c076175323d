"""The five commands, one module each: options, one library call, print."""
