"""The fit of a camera's clock: below all arrivals, without steps, and right about the drift."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar.capture import ClockFit

SEEDS = st.integers(0, 2**32 - 1)
DRIFTS = st.floats(-200e-6, 200e-6)
RATE = 60.0
LEAST_DELAY = 0.004


def arrivals(device: np.ndarray, drift: float, seed: int, late: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """(host time of each exposure, its arrival in order), with jitter and, now and then, a held-up burst."""
    random = np.random.default_rng(seed)
    exposed = 1000.0 + (device - device[0]) * (1.0 + drift)
    delay = LEAST_DELAY + random.exponential(0.003, len(device))
    held_up = random.random(len(device)) < 0.003 / max(late, 0.1)
    delay += held_up * late * random.random(len(device))
    return exposed, np.maximum.accumulate(exposed + delay)


@settings(max_examples=20)
@given(DRIFTS, SEEDS, st.floats(-1e9, 1e9), st.sampled_from([0.0, 0.3, 0.9]))
def test_a_drifting_jittering_clock_is_followed(drift: float, seed: int, begin: float, late: float) -> None:
    device = begin + np.arange(int(60 * RATE)) / RATE
    exposed, arrived = arrivals(device, drift, seed, late)
    fit, hosts = ClockFit(), []
    for time, arrival in zip(device.tolist(), arrived.tolist(), strict=True):
        hosts.append(fit.host_time(time, arrival))
        assert not fit.jumped
    host = np.array(hosts)
    assert (host <= arrived).all()
    assert (np.diff(host) >= 0.0).all()
    settled = host[int(20 * RATE) :] - exposed[int(20 * RATE) :] - LEAST_DELAY
    assert np.abs(settled).max() < 0.003
    assert abs(fit.drift - drift) < 50e-6


@settings(max_examples=40)
@given(DRIFTS, SEEDS, st.floats(0.0, 0.05))
def test_two_streams_of_one_clock_keep_their_order(drift: float, seed: int, behind: float) -> None:
    device = np.arange(600) / RATE
    _, color = arrivals(device, drift, seed)
    _, depth = arrivals(device, drift, seed + 1)
    events = [(float(a), float(d), "color") for a, d in zip(color, device, strict=True)]
    events += [(float(a) + behind, float(d), "depth") for a, d in zip(depth, device, strict=True)]
    fit, hosts = ClockFit(), {"color": [], "depth": []}
    for arrival, time, stream in sorted(events):
        hosts[stream].append(fit.host_time(time, arrival, stream))
        assert not fit.jumped
        assert hosts[stream][-1] <= arrival
    assert all((np.diff(values) >= 0.0).all() for values in hosts.values())
    apart = np.abs(np.subtract(hosts["color"], hosts["depth"]))
    assert apart[120:].max() < 0.5 / RATE
    assert np.median(apart) == 0.0


@given(st.lists(st.tuples(st.floats(0.0, 0.9), st.floats(0.0, 5.0)), min_size=1, max_size=60))
def test_whatever_comes_no_frame_is_from_the_future(steps: list[tuple[float, float]]) -> None:
    fit, device, arrival, last = ClockFit(), 0.0, 100.0, -np.inf
    for forward, later in steps:
        device, arrival = device + forward, arrival + later
        host = fit.host_time(device, arrival)
        assert host <= arrival
        assert host >= last
        last = host


@pytest.mark.parametrize("leap", [-0.5, -20.0, 1.5, 3600.0])
def test_a_leap_is_told_once_and_the_fit_begins_anew(leap: float) -> None:
    fit = ClockFit()
    device = np.arange(1200) / RATE
    _, arrived = arrivals(device, 1e-4, seed=1)
    stamps = np.where(device < 10.0, device, device + leap)
    told, hosts = [], []
    for time, arrival in zip(stamps.tolist(), arrived.tolist(), strict=True):
        hosts.append(fit.host_time(time, arrival))
        told.append(fit.jumped)
    assert np.flatnonzero(told).tolist() == [600]
    assert np.abs(np.subtract(hosts, arrived))[660:].max() < 0.05


def test_a_clock_that_stood_still_is_noticed_within_two_seconds() -> None:
    fit, told = ClockFit(), []
    for index in range(600):
        arrival = 50.0 + index / RATE + (10.0 if index >= 300 else 0.0)
        host = fit.host_time(index / RATE, arrival)
        told.append(fit.jumped)
    assert sum(told) == 1
    assert 300 <= told.index(True) <= 420
    assert arrival - host < 1e-9


def test_frames_that_had_to_wait_are_no_leap() -> None:
    fit = ClockFit()
    for index in range(1200):
        exposed = index / RATE
        host = fit.host_time(exposed, max(exposed + 0.01, 13.0) if 10.0 < exposed < 13.0 else exposed + 0.01)
        assert not fit.jumped
        assert host == pytest.approx(exposed + 0.01, abs=1e-9)


@pytest.mark.parametrize("times", [(float("nan"), 0.0), (0.0, float("inf"))])
def test_times_are_finite(times: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        ClockFit().host_time(*times)
