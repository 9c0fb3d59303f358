"""A disk that writes down what SQLite asks of it, so that a power failure at any moment can be played afterwards.

SQLite reaches the disk through a table of functions, its VFS. Ours passes everything on to the real one and notes each
write, cut and sync on its way. What has been written and not synced may be lost when the power fails, as a whole or in
part; `Disk.after_power_failure` says what a file could then hold.
"""

from __future__ import annotations

import _sqlite3
import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p, cast, sizeof
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

NAME = "written_down"
"""The name of the VFS, for `?vfs=` in the address of a database."""
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_CUT = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(Structure):
    """The head of `sqlite3_vfs`; the rest is copied as it is."""

    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("rest", c_void_p * 16),
    )


class _Methods(Structure):
    """`sqlite3_io_methods`."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("cut", c_void_p),
        ("sync", c_void_p),
        ("rest", c_void_p * 13),
    )


class Deed(NamedTuple):
    """What was asked of a file: bytes at an offset, a cut to a length (`data` is None), or a sync (`offset` is -1)."""

    path: str
    offset: int
    data: bytes | None


@dataclass(slots=True)
class Disk:
    """What was asked of it, in order."""

    deeds: list[Deed] = field(default_factory=list)

    def after_power_failure(self, moment: int, dice: Random | None = None) -> dict[str, bytes]:
        """What the files hold if the power fails after so many deeds.

        Without dice everything is lost that was not synced; with them, each such write by chance.
        """
        synced: dict[str, bytearray] = {}
        pending: dict[str, list[Deed]] = {}
        for deed in self.deeds[:moment]:
            if deed.offset < 0:
                for each in pending.pop(deed.path, ()):
                    _do(synced, each)
            else:
                pending.setdefault(deed.path, []).append(deed)
        for deeds in pending.values():
            for deed in deeds:
                if dice is not None and dice.random() < 0.5:
                    _do(synced, deed)
        return {path: bytes(content) for path, content in synced.items()}


def _do(files: dict[str, bytearray], deed: Deed) -> None:
    content = files.setdefault(deed.path, bytearray())
    if deed.data is None:
        del content[deed.offset :]
        return
    content.extend(bytes(max(0, deed.offset - len(content))))
    content[deed.offset : deed.offset + len(deed.data)] = deed.data


@contextmanager
def written_down() -> Iterator[Disk]:
    """A disk for databases that are opened with `?vfs=written_down`, until the end of the block."""
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = c_void_p
    real = cast(library.sqlite3_vfs_find(None), POINTER(_Vfs)).contents
    copy = _Vfs.from_buffer_copy(real)
    disk, kept = Disk(), list[Any]()
    passed_on, paths, methods = _OPEN(real.open), dict[int, str](), dict[int, _Methods]()

    def opened(vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        # The name is passed on as it is: behind its end SQLite keeps what was asked for with it.
        code: int = passed_on(vfs, name, file, flags, out)
        table = cast(file, POINTER(c_void_p))
        if code == 0 and name and table[0]:
            paths[file] = ctypes.string_at(name).decode()
            if table[0] not in methods:
                methods[table[0]] = _noting(cast(table[0], POINTER(_Methods)).contents, disk, paths, kept)
            table[0] = ctypes.addressof(methods[table[0]])
        return code

    kept.append(_OPEN(opened))
    copy.open, copy.name, copy.next = cast(kept[-1], c_void_p), NAME.encode(), None
    assert library.sqlite3_vfs_register(ctypes.byref(copy), 0) == 0
    try:
        yield disk
    finally:
        library.sqlite3_vfs_unregister(ctypes.byref(copy))


def _noting(real: _Methods, disk: Disk, paths: dict[int, str], kept: list[Any]) -> _Methods:
    """The functions of a file, with three that note what they pass on; `kept` keeps them from being collected."""
    write, cut, sync = _WRITE(real.write), _CUT(real.cut), _SYNC(real.sync)

    def writes(file: int, data: int, count: int, offset: int) -> int:
        disk.deeds.append(Deed(paths[file], offset, ctypes.string_at(data, count)))
        return int(write(file, data, count, offset))

    def cuts(file: int, length: int) -> int:
        disk.deeds.append(Deed(paths[file], length, None))
        return int(cut(file, length))

    def syncs(file: int, flags: int) -> int:
        code = int(sync(file, flags))
        disk.deeds.append(Deed(paths[file], -1, None))
        return code

    copy = _Methods.from_buffer_copy(real)
    replaced: dict[str, tuple[Any, Callable[..., int]]] = {
        "write": (_WRITE, writes),
        "cut": (_CUT, cuts),
        "sync": (_SYNC, syncs),
    }
    for name, (type_, function) in replaced.items():
        kept.append(type_(function))
        setattr(copy, name, cast(kept[-1], c_void_p))
    assert sizeof(copy) >= real.version
    return copy
