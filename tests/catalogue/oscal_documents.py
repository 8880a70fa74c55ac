"""OSCAL documents for tests, as small as they can be."""

from typing import Any

METADATA = {
    "title": "House rules", "version": "2.0", "oscal-version": "1.1.2",
    "parties": [{"uuid": "1", "type": "organization", "name": "The House"}],
}  # fmt: skip


def control(key: str, **more: Any) -> dict[str, Any]:
    """Return a control as OSCAL writes one."""
    return {"id": key, "title": f"Title of {key}", **more}


def catalog(*controls: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"catalog": {"uuid": "1", "metadata": METADATA, "controls": list(controls), **more}}


def profile(*imports: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"profile": {"uuid": "1", "metadata": METADATA, "imports": list(imports), **more}}


def label(value: str, **more: str) -> list[dict[str, str]]:
    return [{"name": "label", "value": value, **more}]
