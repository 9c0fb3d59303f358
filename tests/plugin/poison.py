"""A plugin with a step that some contacts are poison to, by their first names."""

from __future__ import annotations

CODE = """
import ctypes
import os
import pathlib
import subprocess
import sys

from conductor_dsl.api import Call, Effect, StepSignature, StepType, hookimpl

SCORE = StepSignature("score", "ask for the score of contacts", effect=Effect.SENDS, example="score")


def score(rows, arguments):
    for row in rows:
        match row["first_name"]:
            case "raise":
                raise ValueError("no score for raise")
            case "exit":
                sys.exit(4)
            case "leave":
                os._exit(3)
            case "crash":
                ctypes.string_at(0)
            case "eat":
                kept = []
                while True:
                    kept.append(bytearray(100_000_000))
            case "hoard":
                [0] * 10**10
            case "loop":
                while True:
                    pass
            case "spin":
                sum(range(10**12))
            case "child":
                child = subprocess.Popen(["sleep", "1000"])
                pathlib.Path(os.environ["POISON_PID"]).write_text(str(child.pid))
                child.wait()


@hookimpl
def conductor_steps():
    return [StepType(SCORE, lambda step: Call("score", {}, step.edge("next")), score)]
"""
