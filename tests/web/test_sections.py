"""The sections of the register in the navigation and on the keyboard."""

import re
from collections import Counter

from django.conf import settings

from web.sections import entries


def test_each_key_after_g_leads_to_one_section() -> None:
    keys = Counter(entry.key for entry in entries())

    assert [key for key, times in keys.items() if times > 1] == []


def test_every_section_that_a_page_names_is_marked_in_the_navigation() -> None:
    named = re.compile(r"""(?:\bsection=|"section": |\b_?SECTION = )"([a-z-]+)\"""")
    pages = (settings.BASE_DIR / "web").rglob("*.py")
    found = {name for page in pages for name in named.findall(page.read_text(encoding="utf-8"))}

    assert len(found) > 20
    # These stand at the foot of the navigation and above it.
    assert found - {entry.name for entry in entries()} == {"account", "help", "search"}
