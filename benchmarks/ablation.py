"""What each rule of the body is worth: the figures without it, on each half of the labelled pages.

A page's half is told by a hash of its id. A rule that was found on one half is judged on the other;
a rule that is worth nothing on either goes.
"""

import gzip
import importlib.util
import json
from collections.abc import Callable, Iterator
from hashlib import blake2b
from types import ModuleType
from typing import Any

import attrs

from benchmarks.site import CASES, SHARED
from newsbot.extraction.blocks import Page, read_page
from newsbot.extraction.body import RULES, read_body
from newsbot.extraction.headline import read_headline
from newsbot.extraction.publisher import read_publisher
from newsbot.extraction.statements import read_statements
from newsbot.extraction.subject import read_description
from newsbot.extraction.tree import parse

SETS = ("aeb", "fundus_pub", "trafilatura")
NAMES = (*(name for name, _ in RULES), "heads nothing", "lead")


@attrs.frozen
class _Case:
    label: dict[str, Any]
    page: Page
    titles: tuple[str, ...]
    description: str


def run() -> None:
    """Print what every rule is worth, in hundredths of the figure."""
    scorer = _scorer()
    cases = {(name, half): list(_cases(name, half)) for name in SETS for half in (0, 1)}
    base = {key: _figure(scorer, each, ()) for key, each in cases.items()}
    head = "".join(f"{f'{name} {half}':>15}" for name, half in cases)
    print(f"{'rule':22}{head}")
    print(f"{'(all rules)':22}" + "".join(f"{value:>15.4f}" for value in base.values()))
    for rule in NAMES:
        worth = (base[key] - _figure(scorer, each, (rule,)) for key, each in cases.items())
        print(f"{rule:22}" + "".join(f"{100 * value:>+15.2f}" for value in worth))


def _scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scorer", SHARED / "eval" / "score_articles.py")
    if spec is None or spec.loader is None:
        raise SystemExit("the scorer of labelled pages is not beside the checkout")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _cases(name: str, half: int) -> Iterator[_Case]:
    for line in (CASES / name / "labels.jsonl").open(encoding="utf8"):
        label = json.loads(line)
        if blake2b(label["id"].encode(), digest_size=1).digest()[0] % 2 != half:
            continue
        html = gzip.decompress((CASES / name / "pages" / label["page"]).read_bytes())
        _, tree = parse(html)
        statements = read_statements(tree, label["url"])
        publisher = read_publisher(tree, statements).value
        headline = read_headline(tree, statements, publisher=publisher).value
        titles = (headline, *statements.headlines)
        yield _Case(label, read_page(tree), titles, read_description(statements).value)


def _figure(scorer: ModuleType, cases: list[_Case], without: tuple[str, ...]) -> float:
    """Return body F1, or the F1 of wanted and unwanted segments, of these pages."""
    precisions: list[float] = []
    recalls: list[float] = []
    right = wrong = missed = 0
    fold: Callable[[str], str] = scorer.fold
    for case in cases:
        paragraphs = read_body(
            case.page, titles=case.titles, description=case.description, without=without
        ).paragraphs
        body = "\n".join(paragraphs)
        if "body" in case.label:
            precision, recall = scorer.body_scores(case.label["body"], body)
            precisions += [precision] if precision is not None else []
            recalls += [recall] if recall is not None else []
        else:
            found = fold(body)
            wanted = sum(fold(text) in found for text in case.label["with"])
            right, missed = right + wanted, missed + len(case.label["with"]) - wanted
            wrong += sum(fold(text) in found for text in case.label["without"])
    if precisions:
        p, r = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
        return 2 * p * r / (p + r)
    return 2 * right / (2 * right + wrong + missed)


if __name__ == "__main__":
    run()
