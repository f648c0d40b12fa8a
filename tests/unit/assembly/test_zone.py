"""Whose days: a zone by its name, since an offset would be wrong across a change of the clocks."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from pytest_llmcost.assembly.zone import zone_of
from pytest_llmcost.domain.errors import SettingsError

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_named_zone_goes_before_the_machines():
    assert zone_of("Europe/Berlin", {"TZ": "Asia/Tokyo"}) == BERLIN


def test_the_variable_goes_before_the_link(tmp_path):
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert zone_of(None, {"TZ": ":Europe/Berlin"}, link) == BERLIN
    assert zone_of(None, {}, link) == ZoneInfo("Asia/Tokyo")


def test_a_machine_without_a_named_zone_has_its_offset(tmp_path):
    assert zone_of(None, {"TZ": "/no/such"}, tmp_path / "none") is not None


@pytest.mark.parametrize("wrong", ["Europe/Atlantis", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused(wrong):
    with pytest.raises(SettingsError, match="no time zone"):
        zone_of(wrong, {})
