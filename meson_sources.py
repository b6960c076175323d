"""Prints the files of the package that are installed as they are, one per line, for meson.build."""

import os
import pathlib
import sys

ROOT = pathlib.Path(os.environ.get("MESON_SOURCE_ROOT", pathlib.Path(__file__).parent))

sys.stdout.write(
    "\n".join(
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "kmin").rglob("*"))
        if not path.name.startswith(".") and (path.suffix in {".py", ".pyi"} or path.name == "py.typed")
    )
)
