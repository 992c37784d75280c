"""Tests of `daemon.config`."""
