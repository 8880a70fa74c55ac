"""What evidence says never changes, and stays unless it came with the demo organisation.

Only until when it is valid, and who issued it, moves: with the certificate that the document is.
"""

from evidence.models import Blob, Evidence, KeptCopy
from riskregister.guards import ALWAYS, AppendOnly, Lifecycle, declare

# Evidence is not marked as demo: what backs nothing but demo answers goes with them, whoever added it. What a statement
# rests on is held by its foreign key.
WHILE_DEMO_IS_LOADED = "EXISTS (SELECT 1 FROM accounts_unit u WHERE u.is_demo)"
declare(
    # The bytes of a removed demo report go too; what refers to a blob holds it.
    AppendOnly(Blob, unless=ALWAYS),
    Lifecycle(
        Evidence,
        "evidence_stays_what_it_is",
        told=("valid_until", "issuer", "moved_at"),
        unless=WHILE_DEMO_IS_LOADED,
    ),
    AppendOnly(KeptCopy, unless=WHILE_DEMO_IS_LOADED, is_bound=True),
)
