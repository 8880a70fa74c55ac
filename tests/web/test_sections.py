"""The sections of the register in the navigation and on the keyboard."""

from collections import Counter

from web.sections import entries


def test_each_key_after_g_leads_to_one_section() -> None:
    keys = Counter(entry.key for entry in entries())

    assert [key for key, times in keys.items() if times > 1] == []
