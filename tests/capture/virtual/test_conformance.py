"""The law of sources, kept by the virtual cameras."""

from __future__ import annotations

from nearfar.testing import SourceConformance


class Virtual(SourceConformance):
    """Rendering takes its time where other tests run beside it."""

    __test__ = False
    frame_seconds = 30.0


class TestWide(Virtual):
    __test__ = True
    device = "virtual:wide"


class TestDual(Virtual):
    __test__ = True
    device = "virtual:dual"


class TestDualWide(Virtual):
    __test__ = True
    device = "virtual:dualwide?size=320x240&path=walk&noise=2"


class TestTrueDepth(Virtual):
    __test__ = True
    device = "virtual:truedepth?size=320x240"


class TestLidar(Virtual):
    __test__ = True
    device = "virtual:lidar?seed=2&path=orbit"
