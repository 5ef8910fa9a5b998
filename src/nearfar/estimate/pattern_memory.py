"""What is made once from a projector or a reference, and serves every picture of a video after that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

_Owner = TypeVar("_Owner")
_Result = TypeVar("_Result")


class Memory(Generic[_Owner, _Result]):
    """The last results made from each owner, at most `room` of each, for as long as the owner lives."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._of: WeakKeyDictionary[_Owner, dict[Hashable, _Result]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, owner: _Owner, key: Hashable, make: Callable[[], _Result]) -> _Result:
        """The result kept under `key`; if there is none, what `make` gives, and the oldest one goes."""
        with self._lock:
            known = self._of.setdefault(owner, {})
            if key in known:
                return known[key]
        result = make()  # not in the lock: two threads may make the same one
        with self._lock:
            while len(known) >= self._room:
                del known[next(iter(known))]
            return known.setdefault(key, result)
