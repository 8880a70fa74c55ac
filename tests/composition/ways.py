"""How components came into a listing."""

from composition.listing import Listing


def path_to(listing: Listing, ref: str) -> tuple[str, ...]:
    """Return the refs from what the subject needs itself down to a component, itself included; empty: not said."""
    return (*listing.way_to(ref), ref) if ref in listing.came_by else ()
