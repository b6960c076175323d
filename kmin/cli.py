"""The Click group: commands load lazily; the one place that turns a KminError into a message and an exit code."""

from __future__ import annotations

import errno
import importlib
import os
from typing import Any

import click

from kmin import __version__
from kmin.errors import KminError

# Command -> module that holds it as `command`.
COMMANDS: dict[str, str] = {
    "bench": "kmin.commands.bench",
    "extract": "kmin.commands.extract",
    "inspect": "kmin.commands.inspect",
    "predict": "kmin.commands.predict",
    "verify": "kmin.commands.verify",
}


class Commands(click.Group):
    """Imports a command when it is asked for, and lets no exception out as a traceback."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KminError as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of stdout has left: click ends quietly
                raise
            place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
            raise click.ClickException(f"{place}{error.strerror if error.strerror else error}") from None
        except MemoryError:
            raise click.ClickException("not enough memory; a smaller --batch-size may help") from None
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if os.environ.get("KMIN_DEBUG"):
                raise
            text = str(error).splitlines()[0] if str(error) else "no details"
            raise click.ClickException(
                f"unexpected {type(error).__name__} inside kmin: {text} (KMIN_DEBUG=1 shows where; please report it)"
            ) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kmin", message="%(prog)s %(version)s")
def main() -> None:
    """Run trained Keras models without Keras.

    \b
    Example: kmin inspect model.h5
             kmin predict model.h5 --input x.npy --output y.npy
    """
