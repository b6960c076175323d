"""The command group: help, versions, exit codes, and errors without tracebacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from engines.models import MLP

import kmin
from kmin import cli
from kmin.errors import InputError, UnsupportedError


def run_kmin(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "kmin", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_version_and_help() -> None:
    assert CliRunner().invoke(cli.main, ["--version"]).output == f"kmin {kmin.__version__}\n"
    for flag in ("-h", "--help"):
        result = CliRunner().invoke(cli.main, [flag])
        assert result.exit_code == 0
        assert all(f"  {name} " in result.output for name in cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_says_what_it_does_with_an_example(name: str) -> None:
    result = CliRunner().invoke(cli.main, [name, "-h"])
    assert result.exit_code == 0
    assert f"Example: kmin {name} " in result.output
    command = cli.main.get_command(click.Context(cli.main), name)
    assert command is not None
    assert all(getattr(option, "help", "-") for option in command.params if isinstance(option, click.Option))


def test_the_table_names_every_command_module() -> None:
    folder = Path(cli.__file__).parent / "commands"
    modules = {f"kmin.commands.{path.stem}" for path in folder.glob("*.py") if not path.stem.startswith("_")}
    assert set(cli.COMMANDS.values()) == modules
    assert list(cli.COMMANDS) == sorted(cli.COMMANDS)


def test_help_loads_neither_numpy_nor_h5py() -> None:
    code = (
        "import sys\n"
        "from kmin.cli import main\n"
        "try: main(['-h'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'h5py', 'rich', 'tabulate', 'tensorflow'} & set(sys.modules)), file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert found.stderr.strip() == "[]"


def test_usage_errors_exit_with_2() -> None:
    for arguments in (["nonsense"], ["inspect"], ["predict", "m.h5"], ["verify", "m.h5", "--samples", "0"]):
        assert CliRunner().invoke(cli.main, arguments).exit_code == 2


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (InputError("x must be y; received z"), "Error: x must be y; received z\n"),
        (UnsupportedError(["one", "two"]), "Error: 2 problems:\n  - one\n  - two\n"),
        (PermissionError(13, "Permission denied", "m.h5"), "Error: m.h5: Permission denied\n"),
        (OSError("disk on fire"), "Error: disk on fire\n"),
        (MemoryError(), "Error: not enough memory; a smaller --batch-size may help\n"),
        (KeyError("k"), "Error: unexpected KeyError inside kmin: 'k' (KMIN_DEBUG=1 shows where; please report it)\n"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_become_one_message(monkeypatch: pytest.MonkeyPatch, error: Exception, message: str) -> None:
    def fail(path: object) -> None:
        raise error

    monkeypatch.setattr("kmin.summary.summarise", fail)
    result = CliRunner().invoke(cli.main, ["inspect", "m.h5"])
    assert (result.exit_code, result.stderr, result.stdout) == (1, message, "")


def test_an_interrupt_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(path: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kmin.summary.summarise", interrupt)
    result = CliRunner().invoke(cli.main, ["inspect", "m.h5"])
    assert result.exit_code == 1
    assert result.stderr.strip() == "Aborted!"


def test_a_closed_pipe_ends_quietly() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "kmin", "inspect", str(MLP), "--stage", "spec"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.parametrize("command", ["bench", "extract", "inspect", "predict", "verify"])
def test_files_that_are_no_models(command: str, tmp_path: Path) -> None:
    (tmp_path / "empty.h5").write_bytes(b"")
    (tmp_path / "text.h5").write_text("hello")
    (tmp_path / "cut.h5").write_bytes(MLP.read_bytes()[:3000])
    (tmp_path / "folder.h5").mkdir()
    rest = {"extract": ["-o", str(tmp_path / "o.npz")], "predict": ["-i", str(tmp_path / "x.npy")]}.get(command, [])
    for name in ("empty.h5", "text.h5", "cut.h5", "folder.h5", "missing.h5"):
        result = CliRunner().invoke(cli.main, [command, str(tmp_path / name), *rest])
        assert result.exit_code == 1, result.output
        assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1, result.stderr
        assert name in result.stderr and "unexpected" not in result.stderr
        assert result.stdout == ""


def test_python_m_kmin() -> None:
    found = run_kmin("--version")
    assert (found.returncode, found.stdout) == (0, f"kmin {kmin.__version__}\n")
