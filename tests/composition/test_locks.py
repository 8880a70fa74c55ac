"""Lock files as inventories: what each form lists, what needs what, and what cannot be said."""

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from composition import locks
from composition.listing import Listed, Listing
from tests.composition.ways import path_to
from tests.tables import for_each
from vendors.naming import integrity

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data" / "lockfiles"
ONE, OTHER = "a" * 64, "b" * 64
DEVELOPERS_TOO = "The file does not tell what only developers need from what the product needs."
SHA512 = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="


def read(name: str, content: Any) -> Listing:
    return locks.read(name, content if isinstance(content, str) else json.dumps(content))


def ways(listing: Listing) -> dict[str, tuple[str, ...]]:
    """Return the way to each component, "?" before one that may be direct too."""
    marks = {True: (), False: (), None: ("?",)}
    return {one.ref: (*marks[listing.is_direct(one.ref)], *path_to(listing, one.ref)) for one in listing.components}


def developing(listing: Listing) -> set[str]:
    return {one.ref for one in listing.components if one.is_development}


def by_ref(listing: Listing) -> dict[str, Listed]:
    return {one.ref: one for one in listing.components}


NPM_3 = {
    "name": "app",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "packages": {
        "": {
            "license": "MIT",
            "workspaces": ["packages/*"],
            "dependencies": {"mine": "*", "a": "^1", "alias": "npm:@s/real@2"},
            "devDependencies": {"tool": "^1"},
        },
        "packages/mine": {"version": "0.1.0", "dependencies": {"c": "^1"}},
        "node_modules/mine": {"resolved": "packages/mine", "link": True},
        "node_modules/a": {
            "version": "1.2.3",
            "integrity": SHA512,
            "license": "MIT",
            "dependencies": {"b": "^2"},
            "optionalDependencies": {"elsewhere": "^1"},
            "peerDependencies": {"c": "*", "not-there": "*"},
        },
        "node_modules/a/node_modules/b": {"version": "2.0.0", "resolved": "https://npm.example/b.tgz"},
        "node_modules/b": {"version": "1.0.0", "dev": True},
        "node_modules/c": {"version": "1.0.0", "license": {"type": "(ISC AND 0BSD)"}, "dependencies": {"lost": "1"}},
        "node_modules/alias": {"name": "@s/real", "version": "2.0.0"},
        "node_modules/tool": {"version": "1.0.0", "dev": True, "dependencies": {"b": "^1"}},
        "node_modules/tool/node_modules/c": {
            "version": "1.0.0",
            "dev": True,
            "licenses": [{"type": "MIT"}, {"type": "BSD"}],
        },
    },
}


def test_npm_finds_what_a_package_needs_as_node_does() -> None:
    listing = read("package-lock.json", NPM_3)
    assert (listing.form, listing.subject) == ("npm lock file, version 3", "app 1.0.0")
    assert ways(listing) == {
        "mine@0.1.0": ("mine@0.1.0",),
        "a@1.2.3": ("a@1.2.3",),
        # The nearest: not the one of the same name beside it.
        "b@2.0.0": ("a@1.2.3", "b@2.0.0"),
        "b@1.0.0": ("tool@1.0.0", "b@1.0.0"),
        # A project of the workspace needs it.
        "c@1.0.0": ("c@1.0.0",),
        "@s/real@2.0.0": ("@s/real@2.0.0",),
        "tool@1.0.0": ("tool@1.0.0",),
    }
    assert developing(listing) == {"tool@1.0.0", "b@1.0.0"}
    # What peers and options name may be missing; what else is needed is said to be.
    assert listing.remarks == (
        "Not listed in the file, and not followed: node_modules/c needs 'lost'.",
        "From folders beside the file, not from a registry: mine.",
    )


def test_a_component_has_its_coordinates_digests_and_licences() -> None:
    found = by_ref(read("package-lock.json", NPM_3))
    assert found["a@1.2.3"] == Listed(
        ref="a@1.2.3",
        name="a",
        version="1.2.3",
        purl="pkg:npm/a@1.2.3",
        ecosystem="npm",
        licences=("MIT",),
        digests=integrity.read(SHA512),
    )
    assert found["@s/real@2.0.0"].purl == "pkg:npm/%40s/real@2.0.0"
    itself = read("package-lock.json", NPM_3).itself
    assert itself == Listed(
        ref="app@1.0.0",
        name="app",
        version="1.0.0",
        purl="pkg:npm/app@1.0.0",
        ecosystem="npm",
        licences=("MIT",),
    )
    # It stands at two places, of which one is for developers only.
    assert found["c@1.0.0"].licences == ("ISC", "0BSD", "MIT OR BSD")


def test_npm_1_does_not_say_what_the_project_needs() -> None:
    document = {
        "lockfileVersion": 1,
        "dependencies": {
            "a": {"version": "1.0.0", "requires": {"b": "^2"}, "dependencies": {"b": {"version": "2.0.0"}}},
            "b": {"version": "1.0.0", "dev": True},
            "git": {"version": "git+ssh://git@github.com/a/b.git#0a1b", "requires": {"b": "*"}},
            "mine": {"version": "file:packages/mine"},
        },
    }
    listing = read("npm-shrinkwrap.json", document)
    assert ways(listing) == {
        "a@1.0.0": ("a@1.0.0",),
        "b@1.0.0": ("?", "git", "b@1.0.0"),
        "git": ("git",),
        "mine": ("mine",),
        "b@2.0.0": ("?", "a@1.0.0", "b@2.0.0"),
    }
    assert developing(listing) == {"b@1.0.0"}
    assert by_ref(listing)["git"].purl == "pkg:npm/git"
    assert listing.remarks == (
        "The file does not say what the project needs itself. The ways to components begin at those that no other"
        " needs.",
        "From folders beside the file, not from a registry: mine.",
        "From git, not from a registry: git.",
        "Without a version, so that what is known of them stays open: git, mine.",
    )


PNPM = {
    "5.4": """
lockfileVersion: 5.4
specifiers: {a: ^1, tool: ^1}
dependencies: {a: 1.0.0_c@3.0.0}
devDependencies: {tool: 1.0.0}
packages:
  /a/1.0.0_c@3.0.0: {dependencies: {b: 2.0.0, c: 3.0.0, real: /@s/real/4.0.0}}
  /b/2.0.0: {}
  /c/3.0.0: {dev: false}
  /@s/real/4.0.0: {}
  /tool/1.0.0: {dependencies: {b: 2.0.0, left: 1.0.0}}
  /left/1.0.0: {dev: true}
""",
    "6.0": """
lockfileVersion: '6.0'
dependencies: {a: {specifier: ^1, version: 1.0.0(c@3.0.0)}}
devDependencies: {tool: {specifier: ^1, version: 1.0.0}}
packages:
  /a@1.0.0(c@3.0.0): {dependencies: {b: 2.0.0, c: 3.0.0, real: /@s/real@4.0.0}}
  /b@2.0.0: {}
  /c@3.0.0: {}
  /@s/real@4.0.0: {}
  /tool@1.0.0: {dependencies: {b: 2.0.0, left: 1.0.0}}
  /left@1.0.0: {}
""",
    "9.0": """
lockfileVersion: '9.0'
importers:
  .:
    dependencies: {mine: {specifier: 'workspace:*', version: 'link:packages/mine'}}
    devDependencies: {tool: {specifier: ^1, version: 1.0.0}}
  packages/mine:
    dependencies: {a: {specifier: ^1, version: 1.0.0(c@3.0.0)}}
packages:
  a@1.0.0: {peerDependencies: {c: '*'}}
  b@2.0.0: {}
  c@3.0.0: {}
  '@s/real@4.0.0': {}
  tool@1.0.0: {}
  left@1.0.0: {}
snapshots:
  a@1.0.0(c@3.0.0): {dependencies: {b: 2.0.0, c: 3.0.0, real: '@s/real@4.0.0'}}
  b@2.0.0: {}
  c@3.0.0: {}
  '@s/real@4.0.0': {}
  tool@1.0.0: {dependencies: {b: 2.0.0}, optionalDependencies: {left: 1.0.0}}
  left@1.0.0: {}
""",
}


@for_each("version", PNPM)
def test_pnpm_says_what_is_needed_and_who_needs_it_for_development(version: str) -> None:
    listing = read("pnpm-lock.yaml", PNPM[version])
    assert ways(listing) == {
        "a@1.0.0": ("a@1.0.0",),
        "b@2.0.0": ("a@1.0.0", "b@2.0.0"),
        "c@3.0.0": ("a@1.0.0", "c@3.0.0"),
        "@s/real@4.0.0": ("a@1.0.0", "@s/real@4.0.0"),
        "tool@1.0.0": ("tool@1.0.0",),
        "left@1.0.0": ("tool@1.0.0", "left@1.0.0"),
    }
    assert developing(listing) == {"tool@1.0.0", "left@1.0.0"}
    assert listing.remarks == ()


def test_yarn_1_says_what_packages_need() -> None:
    text = (
        '# yarn lockfile v1\n\n\na@^1.0.0, a@~1.0.0:\n  version "1.0.0"\n  dependencies:\n    "@s/b" ">= 2 < 3"\n'
        '    c "*"\n  optionalDependencies:\n    d "^4"\n\n"@s/b@>= 2 < 3":\n  version "2.0.0"\n\n'
        'c@*:\n  version "3.0.0"\n  engines:\n    node ">=4"\n\nd@^4:\n  version "4.0.0"\n  dependencies:\n    e "1"\n'
    )
    listing = read("yarn.lock", text)
    assert ways(listing) == {
        "a@1.0.0": ("a@1.0.0",),
        "@s/b@2.0.0": ("?", "a@1.0.0", "@s/b@2.0.0"),
        "c@3.0.0": ("?", "a@1.0.0", "c@3.0.0"),
        "d@4.0.0": ("?", "a@1.0.0", "d@4.0.0"),
    }
    assert listing.remarks[0] == "Not listed in the file, and not followed: d@^4 needs 'e'."


BERRY = """
__metadata:
  version: 8

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    a: "npm:^1"
    mine: "workspace:*"
  linkType: soft

"mine@workspace:*, mine@workspace:packages/mine":
  version: 0.0.0-use.local
  resolution: "mine@workspace:packages/mine"
  linkType: soft

"a@npm:^1, a@npm:~1.0":
  version: 1.0.0
  resolution: "a@npm:1.0.0"
  dependencies:
    b: "npm:^2"
    c: "npm:^1"

"b@npm:^1":
  version: 1.0.0
  resolution: "b@npm:1.0.0"

"b@npm:^2":
  version: 2.0.0
  resolution: "b@npm:2.0.0"
  dependencies:
    b: "npm:^1"

"c@npm:3.0.0":
  version: 3.0.0
  resolution: "c@npm:3.0.0"
"""


# Before version 8 the registry was not written where it was meant.
@for_each("text", [BERRY, BERRY.replace('b: "npm:^', 'b: "^')])
def test_later_yarns_list_the_projects_of_the_workspace(text: str) -> None:
    listing = read("yarn.lock", text)
    assert listing.subject == "app"
    assert ways(listing) == {
        "mine": ("mine",),
        "a@1.0.0": ("a@1.0.0",),
        "b@1.0.0": ("a@1.0.0", "b@2.0.0", "b@1.0.0"),
        "b@2.0.0": ("a@1.0.0", "b@2.0.0"),
        # The project sets another version than the one that is asked for.
        "c@3.0.0": ("a@1.0.0", "c@3.0.0"),
    }
    assert listing.remarks == (
        DEVELOPERS_TOO,
        "From folders beside the file, not from a registry: mine.",
        "Without a version, so that what is known of them stays open: mine.",
    )


UV = f"""
version = 1
[[package]]
name = "app"
version = "0.1.0"
source = {{ editable = "." }}
dependencies = [{{ name = "a", extra = ["fast"] }}, {{ name = "b", version = "1.0", marker = "x" }}]
[package.optional-dependencies]
cli = [{{ name = "c" }}]
[package.dev-dependencies]
dev = [{{ name = "tool" }}]
[[package]]
name = "a"
version = "1.0"
source = {{ registry = "https://pypi.example/simple" }}
wheels = [{{ url = "w", hash = "sha256:{ONE}" }}]
[package.optional-dependencies]
fast = [{{ name = "b", version = "2.0" }}]
[[package]]
name = "b"
version = "1.0"
source = {{ registry = "https://pypi.example/simple" }}
[[package]]
name = "b"
version = "2.0"
source = {{ registry = "https://pypi.example/simple" }}
[[package]]
name = "c"
version = "1.0"
source = {{ git = "https://git.example/c#0a1b" }}
[[package]]
name = "tool"
version = "1.0"
source = {{ registry = "https://pypi.example/simple" }}
dependencies = [{{ name = "b" }}, {{ name = "lost" }}]
"""


def test_uv_names_the_version_where_it_has_several() -> None:
    listing = read("uv.lock", UV)
    assert (listing.subject, listing.requires["tool@1.0"]) == ("app 0.1.0", ("b@1.0", "b@2.0"))
    assert ways(listing) == {
        "a@1.0": ("a@1.0",),
        "b@1.0": ("b@1.0",),
        "b@2.0": ("a@1.0", "b@2.0") if listing.came_by["b@2.0"] == "a@1.0" else ("tool@1.0", "b@2.0"),
        "c@1.0": ("c@1.0",),
        "tool@1.0": ("tool@1.0",),
    }
    assert developing(listing) == {"tool@1.0"}
    assert by_ref(listing)["a@1.0"].digests == integrity.read(ONE)
    assert listing.remarks == (
        "Not listed in the file, and not followed: tool needs 'lost'.",
        "From git, not from a registry: c.",
    )


def test_a_script_locked_by_uv_needs_what_it_asks_for() -> None:
    text = 'version = 1\n[manifest]\nrequirements = [{ name = "a", specifier = ">=1" }]\n' + UV[UV.index('[[package]]\nname = "a"'):]  # fmt: skip # noqa: E501
    assert ways(read("script.py.lock/uv.lock", text))["a@1.0"] == ("a@1.0",)


def test_poetry_and_pdm_say_what_is_needed_and_for_what() -> None:
    poetry = (
        '[[package]]\nname = "A"\nversion = "1.0"\ngroups = ["main", "dev"]\n[package.dependencies]\n"B.x" = ">=1"\n'
        'elsewhere = {version = "*", markers = "sys_platform == \'win32\'"}\n[[package]]\nname = "b-x"\n'
        'version = "2.0"\ngroups = ["dev"]\n[[package]]\nname = "old"\nversion = "1.0"\ncategory = "dev"\n'
        '[package.source]\ntype = "git"\nurl = "https://git.example/old"\n[metadata]\nlock-version = "2.1"\n'
    )
    pdm = (
        '[metadata]\nlock_version = "4.5.0"\n[[package]]\nname = "a"\nversion = "1.0"\ngroups = ["default"]\n'
        f'dependencies = ["b.x[fast]>=1; python_version > \'3\'"]\nfiles = [{{file = "w", hash = "sha256:{ONE}"}}]\n'
        '[[package]]\nname = "b-x"\nversion = "2.0"\ngroups = ["dev"]\n'
        '[[package]]\nname = "old"\nversion = "1.0"\ngroups = ["dev"]\ngit = "https://git.example/old"\n'
    )
    for name, form, text in (("poetry.lock", "Poetry", poetry), ("pdm.lock", "PDM", pdm)):
        listing = read(name, text)
        assert listing.form.startswith(f"{form} lock file, version "), name
        assert ways(listing) == {"a@1.0": ("a@1.0",), "b-x@2.0": ("?", "a@1.0", "b-x@2.0"), "old@1.0": ("old@1.0",)}
        assert developing(listing) == {"b-x@2.0", "old@1.0"}, name
        assert listing.remarks[1] == "From git, not from a registry: old."
    # Poetry from 1.5 to 1.8 does not write it.
    assert DEVELOPERS_TOO in read("poetry.lock", re.sub("(groups|category) = .*", "", poetry)).remarks


def test_pep_751_may_say_what_is_needed() -> None:
    text = (
        'lock-version = "1.0"\ncreated-by = "a tool"\n[[packages]]\nname = "a"\nversion = "1.0"\n'
        'dependencies = [{name = "b"}]\n'
        f'wheels = [{{name = "w.whl", hashes = {{sha512 = "{"c" * 128}", sha256 = "{ONE}"}}}}]\n'
        f'[packages.sdist]\nhashes = {{sha256 = "{OTHER}"}}\n'
        '[[packages]]\nname = "b"\n[packages.vcs]\ntype = "git"\nurl = "https://git.example/b"\ncommit-id = "0a1b"\n'
    )
    listing = read("pylock.prod.toml", text)
    assert ways(listing) == {"a@1.0": ("a@1.0",), "b": ("?", "a@1.0", "b")}
    assert by_ref(listing)["a@1.0"].digests == integrity.read(f"{ONE} {OTHER}")
    without = read("pylock.toml", text.replace('dependencies = [{name = "b"}]\n', ""))
    assert ways(without) == {"a@1.0": ("?",), "b": ("?",)}
    assert without.remarks[0] == "The file does not say what the project needs itself."


@for_each("groups, expected", [("", {"tool@1.0"}), ('default-groups = ["dev"]\n', set())])
def test_pep_751_may_say_of_which_groups_a_package_is(groups: str, expected: set[str]) -> None:
    text = (
        f'lock-version = "1.0"\n{groups}[[packages]]\nname = "a"\nversion = "1.0"\nmarker = "sys_platform != \'x\'"\n'
        '[[packages]]\nname = "tool"\nversion = "1.0"\nmarker = "\'dev\' in dependency_groups"\n'
    )
    assert developing(read("pylock.toml", text)) == expected


def test_pipenv_says_what_only_developers_need() -> None:
    document = {
        "_meta": {"pipfile-spec": 6},
        "default": {"a": {"hashes": [f"sha256:{ONE}"], "version": "==1.0"}, "mine": {"path": ".", "editable": True}},
        "develop": {"a": {"hashes": [f"sha256:{ONE}"], "version": "==1.0"}, "tool": {"version": "==2.0"}},
    }
    listing = read("Pipfile.lock", document)
    assert [one.ref for one in listing.components] == ["a@1.0", "mine", "tool@2.0"]
    assert developing(listing) == {"tool@2.0"}


def test_what_wrote_requirements_may_say_who_needs_what() -> None:
    text = (
        f"a==1.0 \\\n    --hash=sha256:{ONE}\n    # via\n    #   -c limits.txt\n    #   -r base.in\n    #   b\n"
        "b==2.0  # via app (pyproject.toml)\ne==1.0  # via app\nc-x==3.0\n    # via\n    #   a\n    # a remark\n"
        "d==4  # via b[fast], c.x\n"
    )
    listing = read("requirements.txt", text)
    assert ways(listing) == {
        "a@1.0": ("a@1.0",),
        "b@2.0": ("b@2.0",),
        "c-x@3.0": ("a@1.0", "c-x@3.0"),
        "d@4": ("b@2.0", "d@4"),
        "e@1.0": ("e@1.0",),
    }
    assert listing.remarks == (DEVELOPERS_TOO,)


def test_requirements_exported_with_groups_do_not_say_all_that_is_needed_directly() -> None:
    text = "a==1.0\n    # via app\ntool==1.0\nb==2.0\n    # via tool\n"
    assert ways(read("requirements.txt", text)) == {
        "a@1.0": ("a@1.0",),
        "tool@1.0": ("tool@1.0",),
        "b@2.0": ("?", "tool@1.0", "b@2.0"),
    }
    by_hand = "a==1.0  # via our proxy\nb==1.0\nc==1.0\n"
    assert ways(read("requirements.txt", by_hand)) == {"a@1.0": ("?",), "b@1.0": ("?",), "c@1.0": ("?",)}


def test_requirements_by_hand_say_nothing_of_that_and_may_lack_versions() -> None:
    text = (
        "-r base.txt\n-e .\n-e git+https://git.example/c@0a1b#egg=c\nfree>=1\nplain==2.0\n./local\n"
        f"https://files.example/there-3.0-py3-none-any.whl#sha256={ONE}\ngit+https://git.example/d@0a1b#egg=D.x&subdirectory=y\n"
        f"https://files.example/a_b-1.0.tar.gz --hash=sha256:{OTHER}\n"
    )
    listing = read("requirements.txt", text)
    assert list(ways(listing)) == ["c", "free", "plain@2.0", "there@3.0", "d-x", "a-b@1.0"]
    assert [by_ref(listing)[one].digests for one in ("there@3.0", "d-x", "a-b@1.0")] == [
        integrity.read(ONE), frozenset(), integrity.read(OTHER),
    ]  # fmt: skip
    assert listing.remarks == (
        "It includes files, which are not read with it: base.txt.",
        "It installs from where it says neither name nor version: ., ./local.",
        "The file does not say what the project needs itself.",
        DEVELOPERS_TOO,
        "From git, not from a registry: c, d-x.",
        "Without a version, so that what is known of them stays open: c, free, d-x.",
    )


GO_MOD = """module example.org/app // the app

go 1.16

require example.org/A v1.2.3+incompatible
require(
	"example.org/b" v0.0.0-20240101000000-0a1b2c3d4e5f // indirect
	example.org/c v1.0.0 // indirect; used by tests
	example.org/d v1.0.0
)
replace (
	example.org/c v1.0.0 => fork.example/c/v2 v2.1.0
	example.org/d => ../d
)
exclude example.org/b v0.1.0
retract [v1.0.0, v1.1.0]
"""


def test_go_mod_names_what_is_built() -> None:
    listing = read("go.mod", GO_MOD)
    assert listing.subject == "example.org/app"
    assert {one.purl: listing.is_direct(one.ref) for one in listing.components} == {
        "pkg:golang/example.org/A@v1.2.3%2Bincompatible": True,
        "pkg:golang/example.org/b@v0.0.0-20240101000000-0a1b2c3d4e5f": False,
        "pkg:golang/fork.example/c/v2@v2.1.0": False,
        "pkg:golang/example.org/d": True,
    }
    # As OSV has it: without the letter, and in its cases.
    first = listing.components[0]
    assert (first.ecosystem, first.name, first.version) == ("Go", "example.org/A", "1.2.3+incompatible")
    assert listing.remarks == (
        "go.mod says which modules are needed directly, not which of the others needs which.",
        "It is of a Go before 1.17, whose go.mod does not name all modules that are built.",
        "The standard library is not listed: go.mod says that Go is at least 1.16, not with which it is built.",
        "Replaced: example.org/c by fork.example/c/v2 v2.1.0, example.org/d by ../d.",
        DEVELOPERS_TOO,
        "From folders beside the file, not from a registry: example.org/d.",
        "Without a version, so that what is known of them stays open: example.org/d.",
    )


def test_go_sum_lists_more_than_is_built_and_says_so() -> None:
    text = (
        "example.org/a v1.0.0 h1:x=\nexample.org/a v1.0.0/go.mod h1:y=\nexample.org/a v1.1.0/go.mod h1:z=\n"
        "example.org/b v0.1.0 h1:x=\n"
    )
    listing = read("go.sum", text)
    assert ways(listing) == {"example.org/a@v1.0.0": ("?",), "example.org/b@v0.1.0": ("?",)}
    assert listing.remarks == (
        "go.sum may list modules, and versions of them, that are not built, and does not say what needs what. Give"
        " go.mod to have those that are.",
        "1 more versions are left out: of them go.sum has the go.mod alone, so none is built.",
        "The file does not say what the project needs itself.",
        DEVELOPERS_TOO,
    )


CARGO = f"""
version = 4
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["a", "b 2.0.0"]
[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "{ONE}"
dependencies = ["b 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)"]
[[package]]
name = "b"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "b"
version = "2.0.0"
source = "git+https://git.example/b#0a1b"
"""


def test_cargo_names_packages_as_short_as_it_can() -> None:
    listing = read("Cargo.lock", CARGO)
    assert (listing.form, listing.subject) == ("Cargo lock file, version 4", "app 0.1.0")
    assert ways(listing) == {"a@1.0.0": ("a@1.0.0",), "b@1.0.0": ("a@1.0.0", "b@1.0.0"), "b@2.0.0": ("b@2.0.0",)}
    assert by_ref(listing)["a@1.0.0"] == Listed(
        ref="a@1.0.0",
        name="a",
        version="1.0.0",
        purl="pkg:cargo/a@1.0.0",
        ecosystem="crates.io",
        digests=integrity.read(ONE),
    )


def test_the_first_cargo_kept_digests_together_and_the_project_apart() -> None:
    source = "registry+https://github.com/rust-lang/crates.io-index"
    text = (
        f'[root]\nname = "app"\nversion = "0.1.0"\ndependencies = ["a 1.0.0 ({source})"]\n[[package]]\nname = "a"\n'
        f'version = "1.0.0"\nsource = "{source}"\n[metadata]\n"checksum a 1.0.0 ({source})" = "{ONE}"\n'
    )
    listing = read("Cargo.lock", text)
    assert (listing.subject, ways(listing)) == ("app 0.1.0", {"a@1.0.0": ("a@1.0.0",)})
    assert listing.components[0].digests == integrity.read(ONE)


NEWER = {
    "uv.lock": "version = 2",
    "Cargo.lock": "version = 5",
    "poetry.lock": '[metadata]\nlock-version = "3.0"',
    "pdm.lock": '[metadata]\nlock_version = "5.0.0"',
    "yarn.lock": "__metadata:\n  version: 10\n",
}


@for_each("name", NEWER)
def test_a_form_of_a_later_version_is_read_and_told(name: str) -> None:
    [first, *_] = read(name, NEWER[name]).remarks
    assert re.fullmatch(r"The file is of version \S+ of its form; known is \d\. It may say more than was read\.", first)


DEEP = 5_000
BAD = {
    "package-lock.json": ('{"lockfileVersion": 3, "packages": {"node_modules/a": {}}}', "has no version"),
    "a/package-lock.json": ('{"lockfileVersion": 3, "packages": {"": {}, "": {}}}', "there twice"),
    "b/package-lock.json": ("lockfileVersion: '9.0'", "not JSON"),
    "c/package-lock.json": (
        '{\n  "lockfileVersion": 3,\n<<<<<<< HEAD\n  "name": "a"\n=======\n>>>>>>> other\n}',
        "Line 3 has the marks of a merge",
    ),
    "d/package-lock.json": (
        json.dumps({"lockfileVersion": 3, "packages": {"node_modules/a\n": {"version": "1"}}}),
        r"node_modules/a",
    ),
    "e/package-lock.json": (
        json.dumps({"lockfileVersion": 3, "packages": {"node_modules/a/" * 200 + "b": {"version": "1"}}}),
        "more than 1000 characters",
    ),
    "pnpm-lock.yaml": ("a: &a [x]\nb: &b [*a, *a]\nlockfileVersion: '9.0'", "refers to another place"),
    "yarn.lock": ("# yarn lockfile v1\n\na@1:\n  resolved x\n", "line 3 has no version"),
    "a/yarn.lock": ('# yarn lockfile v1\n\na@1:\n  version "1"\n\na@1:\n  version "1"\n', "line 6 is there twice"),
    "b/yarn.lock": ('# yarn lockfile v1\n\n  version "1"\n', "Line 3 stands under nothing"),
    "c/yarn.lock": ('__metadata: {}\n"a@npm:1": {resolution: "a@npm:1"}\n', "a@npm:1: The package has no version"),
    "uv.lock": ("a = " + "[\n" * DEEP + "]\n" * DEEP, "nests too deeply"),
    "a/uv.lock": ("version = 1\nversion = 1\n\n", "Cannot overwrite a value (at line 2, column 12)"),
    "b/uv.lock": (
        '[[package]]\nname = "a"\nversion = "1"\n[[package]]\nname = "b"\nsource = { registry = "x" }',
        r"package[1]: The package 'b' has no version",
    ),
    "poetry.lock": ('[[package]]\nname = "a"', "package[0]: The package 'a' has no version"),
    "pdm.lock": ('[[package]]\nname = "a"\nversion = "1"\ndependencies = ["!"]', "package[0].dependencies"),
    "pylock.toml": ('lock-version = "2.0"', "lock-version"),
    "a/pylock.toml": ('lock-version = "1.0"\n[[packages]]\nversion = "1"', "packages[0]: A package has no name"),
    "Pipfile.lock": ("{}", "_meta"),
    "a/Pipfile.lock": ('{"_meta": {}, "default": {"a": {}}}', "default.a: The package has no version"),
    "go.mod": ("go 1.22\n", "names no module"),
    "a/go.mod": ("module a\nrequire b v1.0.0\nfrobnicate c\n", "Line 3 is no line"),
    "b/go.mod": ("module a\nrequire (\n\tb master\n)\n", "Line 3 requires no module at a version"),
    "c/go.mod": ("module a\nrequire (\n\tb v1.0.0\n", "What begins on line 2 has no end"),
    "d/go.mod": ("module a\nrequire b v1.0.0\nrequire b v1.1.0\n", "Line 3 requires 'b' at another version"),
    "e/go.mod": ("module a\nreplace b\n", "Line 2 does not say what replaces what"),
    "go.sum": ("a v1.0.0 h1:x=\nmodule a\n", "Line 2 is no line of a go.sum"),
    "Cargo.lock": ("a = 1", "no lock file of Cargo"),
    "a/Cargo.lock": ('[[package]]\nname = "a"', "package[0]: The package 'a' has no version"),
    "b/Cargo.lock": ('[[package]]\nname = "a"\nversion = "1"\ndependencies = "b"', "package[0].dependencies"),
    "requirements.txt": ("a==1\nb ==\n", "Line 2 is no requirement"),
    "bun.lockb": ("", "is no lock file that can be read"),
}


@for_each("path", BAD)
def test_a_broken_file_is_refused_with_its_place(path: str) -> None:
    text, words = BAD[path]
    with pytest.raises(locks.LockFileInvalid) as refused:
        locks.read(path, text)
    assert words in str(refused.value)


def test_a_file_of_more_packages_than_any_real_one_has_is_refused() -> None:
    text = "".join(f"example.org/{at} v1.0.0 h1:x=\n" for at in range(100_001))
    with pytest.raises(locks.LockFileInvalid, match="more than 100,000 packages"):
        locks.read("go.sum", text)


def test_a_name_that_stands_in_a_file_a_thousand_times_is_not_followed_a_million_times() -> None:
    rows = "".join(
        f'[[package]]\nname = "a"\nversion = "{at}"\ndependencies = [{{name = "a"}}]\n' for at in range(1000)
    )
    with pytest.raises(locks.LockFileInvalid, match="need more than 500000 others"):
        locks.read("uv.lock", rows)


def _of_npm(text: str) -> Iterable[tuple[str, str]]:
    for place, entry in json.loads(text)["packages"].items():
        if place and "version" in entry:
            yield entry.get("name", place.split("node_modules/")[-1]), entry["version"]


def _of_uv(text: str) -> Iterable[tuple[str, str]]:
    for row in tomllib.loads(text)["package"]:
        if row["source"].get("editable") != ".":
            yield row["name"], row.get("version", "")


# Names and versions, read by other means than the product's.
COUNTED = {
    "package-lock.json": _of_npm,
    "uv.lock": _of_uv,
    "go.mod": lambda text: re.findall(r"^\t(\S+) v(\S+)", text, re.MULTILINE),
    "go.sum": lambda text: re.findall(r"^(\S+) v([^\s/]+) h1:", text, re.MULTILINE),
}


# How many components, how many that are needed directly, and how many that only developers need. `npm ls` lists the
# same, and the same needs, of each package-lock.json, `uv export` of fetch, git and time.
REAL = {
    "fastmcp/uv.lock": (149, 48, 53),
    "github-mcp-server/go.mod": (39, 17, 0),
    "github-mcp-server/go.sum": (46, 0, 0),
    "mcp-python-sdk/uv.lock": (130, 57, 73),
    "mcp-server-qdrant/uv.lock": (111, 12, 37),
    "mcp-servers/fetch/uv.lock": (57, 11, 11),
    "mcp-servers/git/uv.lock": (45, 7, 9),
    "mcp-servers/package-lock.json": (288, 25, 155),
    "mcp-servers/time/uv.lock": (47, 8, 12),
    "notion-mcp-server/package-lock.json": (351, 24, 184),
    "playwright-mcp/package-lock.json": (97, 5, 94),
}


@for_each("path", REAL)
def test_each_real_lock_file_is_read_whole(path: str) -> None:
    if not (SHARED / path).is_file():
        pytest.skip("the lock files lie in ../shared/data/lockfiles, which is not here")
    listing = locks.read(path, (SHARED / path).read_bytes())
    found = {(one.name, one.version) for one in listing.components}
    direct = sum(listing.is_direct(one.ref) is True for one in listing.components)
    assert found == set(COUNTED[Path(path).name]((SHARED / path).read_text()))
    assert (len(listing.components), direct, len(developing(listing))) == REAL[path]
    # Of what needs what nothing is lost: each component is found on a way from the project.
    if not path.startswith("github-mcp-server"):
        assert {one.ref for one in listing.components} == listing.came_by.keys()
