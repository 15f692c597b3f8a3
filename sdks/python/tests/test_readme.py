"""The README's examples, run in order as one program."""

import contextlib
import io
import re
import unittest
from pathlib import Path
from typing import Any, Dict

README = Path(__file__).resolve().parents[1] / "README.md"


class Readme(unittest.TestCase):
    def test_every_example_runs(self) -> None:
        examples = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        self.assertGreaterEqual(len(examples), 6)
        names: Dict[str, Any] = {"__name__": "readme"}
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            for no, example in enumerate(examples, 1):
                exec(compile(example, f"README.md, example {no}", "exec"), names)
        lines = printed.getvalue().splitlines()
        self.assertEqual(lines[0], "202 Message queued for sending")
        self.assertIn("404 SESSION_NOT_FOUND", printed.getvalue())
        self.assertEqual(lines[-1], "200 succeeded")
