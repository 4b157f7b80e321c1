"""Six hundred texts that harm whoever takes them for more than texts; see ``data/hostile_texts.tsv``.

What would run calls ``pwn()``, what would load asks ``evil.example``.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "hostile_texts.tsv"


def _families() -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in _FILE.read_text("ascii").splitlines():
        if not line.startswith("#"):
            family, _, text = line.partition("\t")
            found[family].append(json.loads(text))
    return {family: tuple(texts) for family, texts in found.items()}


FAMILIES = _families()
TEXTS: tuple[str, ...] = tuple(text for texts in FAMILIES.values() for text in texts)
# As an archive can hold them: halves of surrogate pairs are in no encoding of Unicode.
STORED: tuple[str, ...] = tuple(
    text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in TEXTS
)
