"""Which depth a session gets: laws of the selection algorithm."""

from __future__ import annotations

from itertools import chain, combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearfar.xr.negotiation import (
    DepthDataFormat,
    DepthStateInit,
    DepthSupport,
    DepthType,
    DepthUsage,
    find_supported_configuration,
)


def lists(kind: type) -> st.SearchStrategy[tuple[object, ...]]:
    members = tuple(kind)
    return st.sampled_from(
        list(chain.from_iterable(permutations(members, n) for n in range(len(members) + 1)))
    )


def subsets(kind: type) -> st.SearchStrategy[tuple[object, ...]]:
    members = tuple(kind)
    return st.sampled_from(
        list(chain.from_iterable(combinations(members, n) for n in range(1, len(members) + 1)))
    )


inits = st.builds(DepthStateInit, lists(DepthUsage), lists(DepthDataFormat), lists(DepthType), st.booleans())
supports = st.builds(DepthSupport, subsets(DepthType), subsets(DepthDataFormat), subsets(DepthUsage))


@given(inits, supports)
def test_what_is_agreed_is_supported(init: DepthStateInit, support: DepthSupport) -> None:
    found = find_supported_configuration(init, support)
    if found is None:
        alone = [init.usage_preference, init.data_format_preference]
        lacking = [support.usages, support.formats]
        assert any(len(want) == 1 and want[0] not in have for want, have in zip(alone, lacking, strict=True))
        return
    assert found.usage in support.usages
    assert found.data_format in support.formats
    assert found.match_depth_view is init.match_depth_view
    if found.type is not None:
        assert found.type in support.types
        assert found.type in init.depth_type_request or len(init.depth_type_request) > 1


@given(inits)
def test_a_device_that_can_do_all_gives_the_first_of_each(init: DepthStateInit) -> None:
    found = find_supported_configuration(init, DepthSupport())
    assert found is not None
    assert found.usage == (init.usage_preference or tuple(DepthUsage))[0]
    assert found.data_format == (init.data_format_preference or tuple(DepthDataFormat))[0]
    assert found.type == (init.depth_type_request[0] if init.depth_type_request else None)


@given(inits, supports)
def test_a_type_never_blocks(init: DepthStateInit, support: DepthSupport) -> None:
    without = DepthStateInit(init.usage_preference, init.data_format_preference, (), init.match_depth_view)
    one, other = (find_supported_configuration(asked, support) for asked in (init, without))
    assert (one is None) == (other is None)


def test_an_older_selection_would_have_failed_here() -> None:
    support = DepthSupport(formats=("float32",), usages=("gpu-optimized",))
    found = find_supported_configuration(
        DepthStateInit(["cpu-optimized", "gpu-optimized"], ["float32"]), support
    )
    assert found is not None
    assert (found.usage, found.data_format) == ("gpu-optimized", "float32")


@pytest.mark.parametrize(
    "arguments",
    [
        {"usage_preference": ["cpu-optimized"]},
        {"data_format_preference": ["float32"]},
        {"usage_preference": ["cpu"], "data_format_preference": []},
        {"usage_preference": [], "data_format_preference": ["rgba"]},
        {"usage_preference": [], "data_format_preference": [], "depth_type_request": ["rough"]},
        {"usage_preference": "cpu-optimized", "data_format_preference": []},
        {"usage_preference": None, "data_format_preference": []},
    ],
)
def test_misuse_is_a_type_error(arguments: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        DepthStateInit(**arguments)  # type: ignore[arg-type]
