"""HDF5 global heaps checked before libhdf5 reads them: it loops for ever on damaged ones (seen with 2.0.0)."""

from __future__ import annotations

import mmap
import struct

from kmin.errors import FormatError

_SIGNATURE = b"GCOL\x01\x00\x00\x00"
_OBJECT = struct.Struct("<HHIQ")


def check_heaps(data: bytes | mmap.mmap, start: int, stop: int) -> None:
    """Walks every global heap collection (where variable-length text is kept) in `data[start:stop]`.

    Layout: HDF5 file format specification, III.E, with 8-byte lengths, which is what h5py writes.

    Raises:
        FormatError: the objects of a collection do not add up to its size.
    """
    at = data.find(_SIGNATURE, start, stop)
    while at >= 0:
        size = int.from_bytes(data[at + 8 : at + 16], "little")
        end = at + size
        place = at + 16
        fits = size >= 16 and end <= stop
        while fits and place + _OBJECT.size <= end:
            index, _, _, length = _OBJECT.unpack_from(data, place)
            if index == 0:
                fits = length == end - place
                break
            place += _OBJECT.size + (length + 7) // 8 * 8
            fits = place <= end
        if not fits:
            raise FormatError("the HDF5 data is damaged (a heap of text does not add up)")
        at = data.find(_SIGNATURE, at + 8, stop)
