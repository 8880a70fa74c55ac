"""The tree and its checkpoints only grow; how far an export has got never goes back."""

from riskregister.guards import ALWAYS, AppendOnly, Refusal, declare
from seal.models import Checkpoint, Export, Leaf, Stamp, Tile, TrailCheck

declare(
    AppendOnly(Leaf),
    AppendOnly(Tile),
    AppendOnly(Checkpoint),
    AppendOnly(Stamp),
    AppendOnly(TrailCheck),
    Refusal("an_export_only_gets_further", "seal_export", "UPDATE", "NEW.size < OLD.size"),
    Refusal("an_export_stays", Export._meta.db_table, "DELETE", ALWAYS),
)
