"""How many bytes may arrive at once, and how many a text may have."""

MIB = 1024 * 1024
# What is posted without a file: an assessment page is some 30 kB, a document that is imported up to this.
BODY = 4 * MIB
# The form fields beside a file.
FIELDS = MIB
# A body of the API that is no import.
JSON = MIB
SERVER_JSON = MIB
TOOLS = BODY
# Real ones of large repositories are 2 MB.
LOCK_FILE = 8 * MIB
# Of an SBOM or lock file that comes in by a page or the API; the largest of 85 real SBOMs has 2.2 MB, of 68 lock files
# 2.1 MB. What is larger comes in by the command, which nobody waits for.
INVENTORY = 16 * MIB
# How long one text of such a document may be as it is written, and how many objects one of its lists may have: counted
# before it is read. 100,000 characters that are all escaped are written with six times as many.
TEXT_AS_WRITTEN = 600_000
ENTRIES = 2000
