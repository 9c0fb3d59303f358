"""Rehearse: play the tests of scripts on the real engine, with a clock that is moved and providers that only listen."""
