"""Results of other scanners, as they write them: read whole or refused with the place and the remedy."""
