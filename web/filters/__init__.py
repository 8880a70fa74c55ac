"""The filters of the pages, one module a noun."""
