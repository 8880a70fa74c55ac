"""Package URLs: read, written in one form, and turned into what OSV names."""

import json
from typing import Any

import pytest
from packageurl import PackageURL

from composition.packages import ecosystems, purls
from composition.packages.purls import Coordinates, PurlInvalid
from tests.composition import shared
from tests.tables import for_each

TYPES = ("npm", "pypi", "golang", "cargo", "maven")
# Each with the form that it has once written, and with what OSV calls it.
NAMED = [
    ("pkg:npm/%40modelcontextprotocol/sdk@1.24.0", "", ("npm", "@modelcontextprotocol/sdk", "1.24.0")),
    ("pkg:npm/@babel/core@7.0.0", "pkg:npm/%40babel/core@7.0.0", ("npm", "@babel/core", "7.0.0")),
    ("pkg:npm/JSONStream@1.3.5", "", ("npm", "JSONStream", "1.3.5")),
    ("pkg:pypi/Zope.Interface__x@5.0", "pkg:pypi/zope-interface-x@5.0", ("PyPI", "zope-interface-x", "5.0")),
    ("pkg:golang/github.com/BurntSushi/toml@v1.2.3", "", ("Go", "github.com/BurntSushi/toml", "1.2.3")),
    ("pkg:golang/github.com/a/b@v2.0.0%2Bincompatible", "", ("Go", "github.com/a/b", "2.0.0+incompatible")),
    ("pkg:golang/stdlib@1.22.3", "", ("Go", "stdlib", "1.22.3")),
    ("pkg:golang/golang.org/x/net@v0.1.0#html", "", ("Go", "golang.org/x/net", "0.1.0")),
    ("pkg:cargo/rand@0.7.2", "", ("crates.io", "rand", "0.7.2")),
    ("pkg:gem/rails@7.0.1?platform=java", "", ("RubyGems", "rails", "7.0.1")),
    ("pkg:nuget/Newtonsoft.Json@13.0.1", "", ("NuGet", "Newtonsoft.Json", "13.0.1")),
    ("pkg:composer/Laravel/Framework@v5.5.0", "pkg:composer/laravel/framework@v5.5.0",
     ("Packagist", "laravel/framework", "v5.5.0")),
    ("pkg:maven/org.apache.commons/io@1.3.4", "", ("Maven", "org.apache.commons:io", "1.3.4")),
    ("pkg:hex/jason@1.1.2", "", ("Hex", "jason", "1.1.2")),
    ("pkg:swift/github.com/Alamofire/Alamofire@5.4.3", "", ("SwiftURL", "github.com/Alamofire/Alamofire", "5.4.3")),
    ("pkg:github/Actions/Checkout@v4", "pkg:github/actions/checkout@v4", ("GitHub Actions", "actions/checkout", "v4")),
    ("pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "", ("Debian:8", "curl", "7.50.3-1")),
    ("pkg:deb/debian/libc6@2.36-9?distro=debian-12.5&upstream=glibc", "", ("Debian:12", "glibc", "2.36-9")),
    ("pkg:deb/debian/libx@2.0-1%2Bb1?upstream=x%402.0-1", "", ("Debian", "x", "2.0-1")),
    ("pkg:deb/ubuntu/dpkg@1.19.0.4?distro=ubuntu-22.04", "", ("Ubuntu:22.04:LTS", "dpkg", "1.19.0.4")),
    ("pkg:deb/ubuntu/dpkg@1.19.0.4?distro=mantic", "", ("Ubuntu:23.10", "dpkg", "1.19.0.4")),
    ("pkg:apk/alpine/libcurl@7.83.0-r0?distro=alpine-3.15.4&upstream=curl", "", ("Alpine:v3.15", "curl", "7.83.0-r0")),
    ("pkg:apk/wolfi/curl@8.1-r0?distro=wolfi-20230201", "", ("Wolfi", "curl", "8.1-r0")),
    ("pkg:rpm/redhat/openssl@1.1.1k-9?distro=rhel-8.4&epoch=1", "",
     ("Red Hat:enterprise_linux:8", "openssl", "1:1.1.1k-9")),
    ("pkg:rpm/rocky-linux/curl@7.76-1?distro=rocky-9.3&epoch=0", "", ("Rocky Linux:9", "curl", "7.76-1")),
    ("pkg:rpm/opensuse/curl@7.76-1?distro=opensuse-leap-15.5", "", ("openSUSE:Leap 15.5", "curl", "7.76-1")),
    ("pkg:rpm/suse/curl@7.76-1?distro=sles-15.5", "", ("SUSE:Linux Enterprise Server 15 SP5", "curl", "7.76-1")),
    ("pkg:rpm/fedora/curl@7.50.3-1.fc25?distro=fedora-25", "", ("", "fedora/curl", "7.50.3-1.fc25")),
    ("pkg:oci/debian@sha256:244fd47e07d10?repository_url=docker.io%2Flibrary%2Fdebian", "",
     ("", "debian", "sha256:244fd47e07d10")),
    ("pkg:generic/openssl@1.1.10g", "", ("", "openssl", "1.1.10g")),
    # Without its group no package of Maven is named.
    ("pkg:maven/io@1.3.4", "", ("", "io", "1.3.4")),
    ("pkg:npm/left-pad", "", ("npm", "left-pad", "")),
    ("pkg:golang/github.com%20%2F/b@v1.0.0", "pkg:golang/github.com/b@v1.0.0", ("Go", "github.com/b", "1.0.0")),
    ("pkg:npm/x@1.0.0%3B%20rm%20-rf%20%2F", "pkg:npm/x@1.0.0%3B%20rm%20-rf%20%2F", ("npm", "x", "1.0.0; rm -rf /")),
]  # fmt: skip
BUILT = [
    ("npm", "@modelcontextprotocol/sdk", "1.24.0", "pkg:npm/%40modelcontextprotocol/sdk@1.24.0"),
    ("npm", "JSONStream", "", "pkg:npm/JSONStream"),
    ("PyPI", "Ruamel.yaml", "0.18.6", "pkg:pypi/ruamel-yaml@0.18.6"),
    ("Go", "golang.org/x/net", "0.1.0", "pkg:golang/golang.org/x/net@v0.1.0"),
    ("Go", "stdlib", "1.22.3", "pkg:golang/stdlib@1.22.3"),
    ("Maven", "org.apache.commons:io", "1.3.4", "pkg:maven/org.apache.commons/io@1.3.4"),
    ("Packagist", "laravel/framework", "5.5.0", "pkg:composer/laravel/framework@5.5.0"),
    ("Debian:12", "glibc", "1:2.36-9", "pkg:deb/debian/glibc@1:2.36-9?distro=debian-12"),
    ("Debian", "glibc", "2.36-9", "pkg:deb/debian/glibc@2.36-9"),
    ("Ubuntu:22.04:LTS", "curl", "7.81-1", "pkg:deb/ubuntu/curl@7.81-1?distro=ubuntu-22.04"),
    ("Alpine:v3.15", "curl", "7.83.0-r0", "pkg:apk/alpine/curl@7.83.0-r0?distro=alpine-3.15"),
    ("Alpine:edge", "curl", "7.83.0-r0", "pkg:apk/alpine/curl@7.83.0-r0?distro=alpine-edge"),
    ("Red Hat:enterprise_linux:8", "curl", "1:7-1", "pkg:rpm/redhat/curl@1:7-1?distro=rhel-8"),
    ("SUSE:Linux Enterprise Server 15 SP5", "curl", "7-1", "pkg:rpm/suse/curl@7-1?distro=sles-15.5"),
    ("openSUSE:Leap 15.5", "curl", "7-1", "pkg:rpm/opensuse/curl@7-1?distro=opensuse-15.5"),
    ("openSUSE:Tumbleweed", "curl", "7-1", "pkg:rpm/opensuse/curl@7-1?distro=opensuse-tumbleweed"),
    ("openEuler:22.03-LTS-SP1", "curl", "7-1", "pkg:rpm/openeuler/curl@7-1?distro=openeuler-22.03-LTS-SP1"),
]
REFUSED = [
    ("npm/left-pad", "it does not begin with pkg:."),
    ("pkg:npm", "its name is missing."),
    ("pkg:npm/", "its name is missing."),
    ("pkg:npm/@1.0", "its name is missing."),
    ("pkg:n$pm/x", "its type is missing or has other characters"),
    ("pkg:npm/x?checksum", "its qualifiers are not pairs of key=value."),
    ("pkg:npm/x%00@1.0.0", "has a character that cannot be printed. Take it out."),
    ("pkg:npm/x\n@1.0.0", "has a character that cannot be printed. Take it out."),
    ("pkg:npm/%E2%80%AEx@1.0.0", "has a character that cannot be printed. Take it out."),
    (f"pkg:npm/{'x' * 301}", "a package's name has 1 to 300 characters, not 301."),
    (f"pkg:npm/x@{'1' * 256}", "a version may have 255 characters, not 256."),
    (f"pkg:npm/{'x' * 5_000}", "A package URL may have 4,096 characters; this one has 5,008."),
]


@for_each("given, written, named", NAMED)
def test_a_purl_is_written_in_one_form_and_names_what_osv_names(given: str, written: str, named: tuple[str, str, str]):
    assert purls.canonical(given) == (written or given)
    assert purls.canonical(written or given) == (written or given)
    assert purls.ecosystem_of(given) == Coordinates(*named)


@for_each("ecosystem, name, version, purl", BUILT)
def test_what_osv_names_has_a_purl_that_leads_back(ecosystem: str, name: str, version: str, purl: str):
    assert purls.build(ecosystem, name, version) == purl
    assert purls.ecosystem_of(purl) == (ecosystem, ecosystems.folded("PyPI", name) if "pypi" in purl else name, version)


@for_each("given, why", REFUSED)
def test_what_is_no_purl_is_refused_with_the_reason(given: str, why: str):
    with pytest.raises(PurlInvalid) as refused:
        purls.read(given)
    assert why in str(refused.value)
    assert len(str(refused.value)) < 300


def test_an_ecosystem_that_has_no_type_is_refused():
    with pytest.raises(ecosystems.EcosystemUnknown, match="'Linux' is no ecosystem of OSV that package URLs"):
        purls.build("Linux", "Kernel", "6.1")


@for_each("ecosystem, name", [("Maven", "io"), ("Packagist", "laravel"), ("npm", ""), ("Debian:12", " ")])
def test_a_name_that_names_no_package_has_no_purl(ecosystem: str, name: str):
    with pytest.raises(PurlInvalid):
        purls.build(ecosystem, name, "1")


@for_each("ecosystem, one, other, same", [
    ("PyPI", "Zope.Interface", "zope_interface", True),
    ("Go", "github.com/BurntSushi/toml", "github.com/burntsushi/toml", True),
    ("crates.io", "serde_json", "serde-json", True),
    ("NuGet", "Newtonsoft.Json", "newtonsoft.json", True),
    ("npm", "JSONStream", "jsonstream", False),
    ("RubyGems", "1-as-identity_function", "1-as_identity_function", False),
    ("Maven", "a.b:c", "a.B:c", False),
])  # fmt: skip
def test_names_are_one_where_the_registry_takes_them_for_one(ecosystem: str, one: str, other: str, same: bool):
    assert (ecosystems.folded(ecosystem, one) == ecosystems.folded(ecosystem, other)) is same


def _answer(kind: str, given: Any) -> Any:
    if kind == "build":
        return purls.write(PackageURL(**given))
    if kind == "validate":
        return purls.canonical(given)
    return {key: value or None for key, value in purls.read(given)._asdict().items()}


@shared.needs("purl")
def test_the_specification_agrees():
    tried = 0
    for kind in TYPES:
        for case in json.loads((shared.ROOT / f"purl/tests/types/{kind}-test.json").read_bytes())["tests"]:
            assert _answer(case["test_type"], case["input"]) == case["expected_output"], case
            tried += 1
    assert tried == 120
