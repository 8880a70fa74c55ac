"""Tests of the room of intelligence."""
