"""Side-by-side runs of kmin and other runtimes on the same machine; `python -m benchmarks --help` says how."""
