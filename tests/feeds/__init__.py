"""Tests of the room of feeds."""
