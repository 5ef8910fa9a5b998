"""What can be set on devices and outputs, so that a session changes it all at once or not at all.

output.depth_delivery_enabled = True ── change ──▶ session.configuration() ── commit ──▶ the camera is set
                                                          └── an exception ──▶ all as it was
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

__all__ = ["Configurable"]


class Configurable:
    """Named settings that a session can note down and put back.

    What is set while the object belongs to a session becomes a configuration of that session: committed at
    once when it stands alone, with the others inside ``session.configuration()``.
    """

    def __init__(self, **settings: Any) -> None:
        self._settings: dict[str, Any] = settings

    def setting(self, name: str) -> Any:
        """The value that holds now: inside a configuration, the pending one."""
        return self._settings[name]

    def change(self, **settings: Any) -> None:
        """Set values, as one configuration."""
        unknown = settings.keys() - self._settings.keys()
        if unknown:
            raise AttributeError(f"{type(self).__name__} has no setting {', '.join(sorted(unknown))}")
        with self._configuring():
            self._settings.update(settings)

    def noted(self) -> Mapping[str, Any]:
        """All values, to be put back by `restore`."""
        return dict(self._settings)

    def restore(self, noted: Mapping[str, Any]) -> None:
        """Put back what `noted` gave."""
        self._settings = dict(noted)

    def _configuring(self) -> AbstractContextManager[Any]:
        """The configuration of the session that this belongs to; nothing for one that stands alone."""
        return nullcontext()
