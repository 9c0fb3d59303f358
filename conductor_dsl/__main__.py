"""`python -m conductor_dsl` is `conductor`."""

from __future__ import annotations

from conductor_dsl.cli import main

if __name__ == "__main__":
    main(prog_name="conductor")
