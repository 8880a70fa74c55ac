"""Documents as npm, PyPI and OpenSSF Scorecard have them, with fewer members.

Read on 29 November 2026 were, as a mirror serves them, npm's document of a package and PyPI's index (PEP 691, version
1.1). What that mirror leaves out is by their documentation: signatures, attestations and owners of npm, provenance in
PyPI's index (PEP 740), and PyPI's JSON of a version. Scorecard's are by its schema, with the nulls of its service.
"""

import base64
import hashlib
from typing import Any

NAME = "com.example/weather"
SHA512 = "sha512-" + base64.b64encode(hashlib.sha512(b"the package").digest()).decode()
OTHER_SHA512 = "sha512-" + base64.b64encode(hashlib.sha512(b"another package").digest()).decode()
SHA256 = hashlib.sha256(b"the wheel").hexdigest()
Json = dict[str, Any]


def npm(**version: Any) -> Json:
    """Return the document of @example/weather; `version` changes what 1.2.3 says of itself."""
    dist = {
        "integrity": SHA512,
        "shasum": hashlib.sha1(b"the package", usedforsecurity=False).hexdigest(),
        "tarball": "https://registry.npmjs.org/@example/weather/-/weather-1.2.3.tgz",
        "signatures": [{"keyid": "SHA256:x", "sig": "MEUC"}],
        "attestations": {
            "url": "https://registry.npmjs.org/-/npm/v1/attestations/@example%2fweather@1.2.3",
            "provenance": {"predicateType": "https://slsa.dev/provenance/v1"},
        },
    }
    return {
        "_id": "@example/weather",
        "name": "@example/weather",
        "dist-tags": {"latest": "1.2.3"},
        "versions": {
            "1.2.2": {"name": "@example/weather", "version": "1.2.2", "dist": {}},
            "1.2.3": {"name": "@example/weather", "version": "1.2.3", "mcpName": NAME, "dist": dist} | version,
        },
        "time": {
            "created": "2025-11-01T10:00:00.000Z",
            "modified": "2026-11-01T10:00:00.000Z",
            "1.2.2": "2025-12-01T10:00:00.000Z",
            "1.2.3": "2026-01-20T10:00:00.000Z",
        },
        "maintainers": [{"name": "mia", "email": "mia@example.com"}, {"name": "noah", "email": "noah@example.com"}],
    }


def scorecard(*checks: tuple[str, int, str], **changed: Any) -> Json:
    """Return what the service of OpenSSF Scorecard answers, with these checks or else some; `changed` are members."""
    found = checks or (
        ("Code-Review", 6, "Found 19/28 approved changesets -- score normalized to 6"),
        ("Maintained", 10, "30 commit(s) and 9 issue activity found in the last 90 days -- score normalized to 10"),
        ("Signed-Releases", -1, "no releases found"),
        ("Vulnerabilities", 8, "2 existing vulnerabilities detected"),
    )
    url = "https://github.com/ossf/scorecard/blob/main/docs/checks.md"
    return {
        "date": "2026-11-20",
        "repo": {"name": "github.com/example/weather", "commit": "36e3d8d1f0c94bd5a0aa0f1a35ea9f5e63c7d2b1"},
        "scorecard": {"version": "v5.5.0", "commit": "c395761d6c2c6d2a1c2cbe2e0c3a1e1b0a1f5a5e"},
        "score": 6.4,
        "checks": [
            {
                "name": name,
                "score": score,
                "reason": reason,
                "details": None,
                "documentation": {"short": "", "url": url},
            }
            for name, score, reason in found
        ],
        "metadata": None,
    } | changed


def pypi(**info: Any) -> Json:
    """Return the JSON of example-weather 1.2.3; `info` changes what it says of itself."""
    return {
        "info": {
            "name": "example-weather",
            "version": "1.2.3",
            "description": f"# Weather\n\n<!-- mcp-name: {NAME} -->\n",
            "yanked": False,
            "yanked_reason": None,
        }
        | info,
        "urls": [
            {
                "filename": "example_weather-1.2.3-py3-none-any.whl",
                "digests": {"md5": "x", "sha256": SHA256},
                "upload_time_iso_8601": "2026-01-20T10:00:00.123456Z",
                "yanked": False,
            }
        ],
        "vulnerabilities": [],
        "ownership": {"organization": None, "roles": [{"role": "Owner", "user": "mia"}]},
    }


def index(**file: Any) -> Json:
    """Return the index of example-weather (PEP 691); `file` changes what it says of the wheel of 1.2.3."""
    wheel = {
        "filename": "example_weather-1.2.3-py3-none-any.whl",
        "hashes": {"sha256": SHA256},
        "requires-python": ">=3.10",
        "size": 5080,
        "upload-time": "2026-01-20T10:00:00.123456Z",
        "url": "https://files.pythonhosted.org/packages/x/example_weather-1.2.3-py3-none-any.whl",
        "provenance": "https://pypi.org/integrity/example-weather/1.2.3/x.whl/provenance",
        "yanked": False,
    }
    former = {
        "filename": "example_weather-1.2.2-py3-none-any.whl",
        "hashes": {"sha256": "0" * 64},
        "upload-time": "2025-12-01T10:00:00Z",
        "yanked": False,
    }
    return {
        "meta": {"api-version": "1.4", "_last-serial": "42885885"},
        "name": "example-weather",
        "versions": ["1.2.2", "1.2.3"],
        "files": [former, wheel | file],
    }
