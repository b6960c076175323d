"""Puts the compiled modules given as arguments beside their sources, so that the source tree runs with them."""

import os
import pathlib
import shutil
import sys

build, root = (pathlib.Path(os.environ[name]) for name in ("MESON_BUILD_ROOT", "MESON_SOURCE_ROOT"))
for argument in sys.argv[1:]:
    built = build / argument
    target = root / built.resolve().relative_to(build.resolve())
    fresh = target.with_suffix(".new")
    shutil.copy2(built, fresh)
    fresh.replace(target)  # never written over: another process may be running it
    sys.stdout.write(f"{target.relative_to(root)}\n")
