"""What a process keeps in memory: published definitions, which never change, and calendars, for a few
minutes."""

from __future__ import annotations

import time
import weakref
from collections import OrderedDict
from threading import Lock
from typing import Any, Generic, TypeVar

from tenants import database

V = TypeVar("V")


class Kept(Generic[V]):
    """A bounded map that belongs to the database in use: opening another one empties it."""

    def __init__(self, most: int, *, seconds: float | None = None) -> None:
        self._most = most
        self._seconds = seconds
        self._values: OrderedDict[Any, tuple[float, V]] = OrderedDict()
        self._owner: weakref.ref[Any] | None = None
        self._lock = Lock()

    def get(self, key: Any) -> V | None:
        with self._lock:
            self._own()
            found = self._values.get(key)
            if found is None or (self._seconds is not None and time.monotonic() - found[0] > self._seconds):
                return None
            return found[1]

    def put(self, key: Any, value: V) -> V:
        with self._lock:
            self._own()
            self._values[key] = (time.monotonic(), value)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def forget(self) -> None:
        with self._lock:
            self._values.clear()

    def _own(self) -> None:
        if self._owner is None or self._owner() is not database.db:
            self._values.clear()
            self._owner = weakref.ref(database.db)
