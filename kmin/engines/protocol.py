"""Messages between a process and its workers: a length-prefixed JSON header, then raw .npy payloads. No pickle."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping, Sequence
from typing import IO, Any

LENGTH = struct.Struct(">Q")


def write_message(stream: IO[bytes], header: Mapping[str, Any], arrays: Sequence[Any] = ()) -> None:
    """Sends `header` (JSON-able) and arrays of plain dtypes."""
    payloads = [_npy(array) for array in arrays]
    text = json.dumps({**header, "payloads": [len(payload) for payload in payloads]}).encode()
    stream.write(LENGTH.pack(len(text)))
    stream.write(text)
    for payload in payloads:
        stream.write(payload)
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], list[Any]] | None:
    """The next header and arrays; None when the other side has gone."""
    prefix = stream.read(LENGTH.size)
    if len(prefix) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(prefix)
    header = json.loads(stream.read(size))
    arrays = []
    for size in header.pop("payloads"):
        payload = stream.read(size)
        if len(payload) < size:
            return None
        arrays.append(_array(payload))
    return header, arrays


def _npy(array: Any) -> bytes:
    import numpy as np

    if np.asarray(array).dtype.hasobject:
        raise ValueError("an engine returned Python objects instead of numbers")
    head = io.BytesIO()
    array = np.ascontiguousarray(array).reshape(np.shape(array))
    np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(array))
    data: bytes = array.tobytes()
    return head.getvalue() + data


def _array(payload: bytes) -> Any:
    import numpy as np

    return np.lib.format.read_array(io.BytesIO(payload), allow_pickle=False)
