"""Caller: what makes an object callable, compiled where there is a compiled runner.

A subclass has `call_checked`, which takes anything; `call_straight` names a Program that may be tried before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kmin.plan._runner import Caller, Program
else:
    try:
        from kmin.plan._runner import Caller
    except ImportError:  # pure-Python install

        class Caller:
            """Calls `call_checked`: without compiled kernels there is no Program."""

            def __call__(self, x: Any) -> Any:
                return self.call_checked(x)

            def call_straight(self, program: Program | None) -> None:
                """Nothing to call."""


__all__ = ["Caller"]
