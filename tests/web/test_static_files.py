"""What the pages load: vendored files are what their makers published, and nothing breaks the strict CSP."""

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.test import Client

from riskregister import looks, staticfiles
from tests.tables import for_each

ROOT = settings.BASE_DIR
VENDOR = ROOT / "static/vendor"
MANIFEST = json.loads((VENDOR / "MANIFEST.json").read_text())
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "reports" not in path.parts and "email" not in path.parts]
SYMBOLS = {s.get("id") for s in ET.parse(ROOT / "static/img/icons.svg").getroot()}


def test_vendored_files_have_the_hashes_of_the_manifest() -> None:
    listed = {f"{p['folder']}/{f['name']}": f["sha256"] for p in MANIFEST["packages"] for f in p["files"]}
    there = {p.relative_to(VENDOR).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in VENDOR.glob("*/*")}
    assert there == listed


@for_each("package", MANIFEST["packages"], ids=lambda p: p["npm"])
def test_vendored_packages_name_their_version_and_bring_their_licence(package: dict[str, str]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert package["licence"] in {"MIT", "0BSD"}
    assert len((VENDOR / package["folder"] / "LICENSE").read_text()) > 500


def test_bootstrap_says_the_version_that_the_manifest_names() -> None:
    version = next(p["version"] for p in MANIFEST["packages"] if p["npm"] == "bootstrap")
    assert f"Bootstrap  v{version} " in (VENDOR / "bootstrap/bootstrap.min.css").read_text()[:200]


def test_what_the_pages_load_is_served_without_a_warning_and_looked_for_once(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setattr(staticfiles, "_found", {})
    looked = []
    listing = FileSystemFinder.list

    def look(finder: FileSystemFinder, ignore: Any) -> Any:
        looked.append(finder)
        return listing(finder, ignore)

    monkeypatch.setattr(FileSystemFinder, "list", look)

    for _ in range(3):
        answer = Client().get("/static/css/app.css")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, 'text/css; charset="utf-8"')
        assert Client().get("/static/css/gone.css").status_code == 404

    assert len(looked) == 1
    assert [str(one.message) for one in recwarn if one.category is UserWarning] == []


def without_comments(path: Path) -> str:
    return re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.DOTALL)


@for_each(
    "pattern",
    [
        r"\sstyle\s*=",
        r"<style\b",
        r"<script\b(?![^>]*\bsrc=)",
        r"\son[a-z]+\s*=",
        r"\bhx-on\b",
        r"javascript:",
        r"\|safe\b.*<script",
    ],
)
def test_no_page_has_what_the_content_security_policy_refuses(pattern: str) -> None:
    assert len(PAGES) > 30
    assert [str(p.relative_to(ROOT)) for p in PAGES if re.search(pattern, without_comments(p))] == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    loaded = re.compile(r"""(?:src|href)=["'](?:https?:)?//[^"']+["'][^>]*(?:rel|as)=|<(?:script|img|link)[^>]*//""")
    assert [p.name for p in PAGES if loaded.search(without_comments(p))] == []
    sheets = (ROOT / "static/css").glob("*.css")
    assert [p.name for p in sheets if re.search(r"url\(.?(?:https?:|//|data:)", p.read_text())] == []


def test_components_say_what_they_are_for() -> None:
    firsts = {p.name: p.read_text().splitlines()[0] for p in (ROOT / "templates/components").glob("*.html")}
    assert len(firsts) > 25
    assert {n: line for n, line in firsts.items() if not re.match(r"\{# Purpose: .+ Parameters: .+ #\}$", line)} == {}


def test_the_components_page_lists_every_component() -> None:
    readme = (ROOT / "templates/components/README.md").read_text()
    names = [p.name for p in (ROOT / "templates/components").glob("*.html")]
    assert [name for name in names if f"`{name}`" not in readme] == []


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    named = {name for p in TEMPLATES for name in re.findall(r'\{% icon "([\w-]+)"', p.read_text())}
    assert named - SYMBOLS == set()
    assert len(named) > 15


def test_every_icon_of_the_sprite_is_shown_somewhere() -> None:
    shapes = {look.shape for table in looks.kinds().values() for look in table.values()}
    sources = [*TEMPLATES, *(ROOT / "web").rglob("*.py")]
    named = {name for path in sources for name in re.findall(r'"([\w-]+)"', path.read_text())}
    assert SYMBOLS - shapes - named == set()


def test_every_parameter_of_a_component_is_used_and_passed() -> None:
    readme = (ROOT / "templates/components/README.md").read_text()
    rows = re.findall(r"^\| `(\w+\.html)` \| `([a-z_? ]+)`", readme, flags=re.MULTILINE)
    pages = "\n".join(path.read_text() for path in TEMPLATES)
    assert len(rows) > 15
    for name, parameters in rows:
        calls = " ".join(re.findall(rf'include "components/{name}" with (.*?) %}}', pages))
        component = without_comments(ROOT / "templates/components" / name)
        for parameter in parameters.replace("?", "").split():
            assert re.search(rf"\b{parameter}\b", component), (name, parameter)
            assert f"{parameter}=" in calls, (name, parameter)


def test_scripts_keep_no_answers_in_the_browser() -> None:
    text = "".join(p.read_text() for p in (ROOT / "static/js").glob("*.js"))
    assert not re.search(r"localStorage|sessionStorage|indexedDB|\beval\(|innerHTML", text)


def test_htmx_runs_without_eval_inline_styles_and_stored_pages() -> None:
    head = (ROOT / "templates/components/head.html").read_text()
    config = json.loads(re.search(r"name=\"htmx-config\"\s+content='([^']+)'", head)[1])  # type: ignore[index]
    wanted = {"includeIndicatorStyles": False, "allowEval": False, "allowScriptTags": False, "historyCacheSize": 0}
    # A page that htmx swapped in again would have lost what its scripts hold on to.
    wanted["refreshOnHistoryMiss"] = True
    assert {name: config[name] for name in wanted} == wanted
