"""A feed of yours does not become one of the demo organisation, which can be removed: guarded by a trigger."""

from feeds.models import Feed
from riskregister.guards import declare, never_demo

declare(never_demo("a_feed_does_not_become_demo", Feed))
