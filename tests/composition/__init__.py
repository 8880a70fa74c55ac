"""Tests of the room of composition."""
