"""Whether what is about to be deployed is what the approval is of."""
