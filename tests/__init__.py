"""Tests of czar."""
