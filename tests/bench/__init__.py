"""The benchmark behind script/bench: how fast a full register answers. Not a test: nothing here runs in script/test."""
