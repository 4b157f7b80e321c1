"""What stands in a YAML file, each value with its place, so that every error can name a line.

Texts are taken as they are written, whatever YAML would make of them: the entry ``no`` is a word, not a
falsehood, and ``1.0`` keeps its nought. A setting that is a number or a yes and no is read as that by who
asks for it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import attrs
import yaml

from newsbot.query.repairs import nearest

T = TypeVar("T")

# More than that is no file that somebody wrote.
_LARGEST = 4_000_000
_TAGS = "tag:yaml.org,2002:"
# What values are taken for that have no tag.
_PLAIN = frozenset("seq map str int float bool null timestamp value merge".split())

# What the parser says, and what is probably meant. Its words as of PyYAML 6 (scanner.py, parser.py).
_MEANT = (
    ("'\\t' that cannot start", "indent with spaces, not with tabs"),
    ("cannot start any token", "put a text that begins so in quotes"),
    ("mapping values are not allowed", "put a text with a colon and a space in it in quotes"),
    ("could not find expected ':'", "a name is followed by a colon and a space"),
    ("expected <block end>", "look at how far this line and those before are indented"),
    ("quoted scalar", "a quotation mark is not closed"),
    ("node content", "a value is missing, or a bracket is not closed"),
    ("or ']'", "a bracket is not closed, or a comma is missing"),
    ("or '}'", "a bracket is not closed, or a comma is missing"),
    ("undefined alias", "put a text that begins with an asterisk in quotes"),
    ("another document", "write one document a file, without ---"),
)


@attrs.frozen(order=True)
class Place:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class WrongError(Exception):
    """Something in files that cannot be so: where, and what would be right."""

    def __init__(self, place: Place | None, text: str) -> None:
        super().__init__(text)
        self.place = place


@attrs.frozen
class Problems:
    """All that is wrong, gathered, so that it is told at once."""

    found: list[WrongError] = attrs.field(factory=list)

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Keep what is wrong inside, and go on behind it."""
        try:
            yield
        except WrongError as error:
            self.found.append(error)

    def lines(self) -> list[str]:
        """Return each problem as it is told, in the order of the files; those without a place last."""
        ordered = sorted(
            self.found, key=lambda each: (each.place is None, each.place or Place("", 0))
        )
        told = (f"{each.place}: {each}" if each.place else str(each) for each in ordered)
        return list(dict.fromkeys(told))


@attrs.frozen
class Stated:
    """A value of a file. Each way to read it raises WrongError where it is of another kind."""

    node: Any
    file: str

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.file, self.node.start_mark.line + 1)

    def wrong(self, text: str) -> WrongError:
        """Return the error that says so of this value."""
        return WrongError(self.place, text)

    def each(self) -> list["Stated"]:
        """Return the values of a list."""
        self._see_tag()
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong(f"a list is expected here, a line each with - before it, {self}")
        return [Stated(node, self.file) for node in self.node.value]

    def pairs(self, problems: Problems) -> Iterator[tuple[str, "Stated", "Stated"]]:
        """Yield a mapping's names, each once and as text, with where they stand, and their values."""
        self._see_tag()
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong(f"names with values are expected here (name: value), {self}")
        seen: dict[str, Place] = {}
        for key, value in self.node.value:
            name = Stated(key, self.file)
            with problems.caught():
                if key.tag == f"{_TAGS}merge":
                    raise name.wrong("<< is not read; write the settings out")
                text = name.text()
                if text in seen:
                    raise name.wrong(f"{text} stands here twice, first in line {seen[text].line}")
                seen[text] = name.place
                yield text, name, Stated(value, self.file)

    def fields(
        self, known: Mapping[str, Callable[["Stated"], Any]], of: str, problems: Problems
    ) -> dict[str, Any]:
        """Return a mapping's values, read by who is known to read each; ``of`` is what it describes."""
        read: dict[str, Any] = {}
        for name, key, value in self.pairs(problems):
            with problems.caught():
                if name not in known:
                    raise key.wrong(no_such(name, known, of))
                read[name] = known[name](value)
        return read

    def is_mapping(self) -> bool:
        """Say whether names with values stand here."""
        return isinstance(self.node, yaml.MappingNode)

    def text(self) -> str:
        """Return a text as it is written, without spaces around it or twice."""
        self._see_tag()
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.wrong(f"a text is expected here, {self}")
        text = " ".join(str(self.node.value).split())
        if not text:
            raise self.wrong(f"a text is expected here, {self}")
        return text

    def text_or_nothing(self) -> str:
        """Return a text, which may be empty where it is written as that."""
        if isinstance(self.node, yaml.ScalarNode) and self.node.style and not self.node.value:
            return ""
        return self.text()

    def number(self, low: float, high: float) -> float:
        """Return a number in these bounds."""
        try:
            number = float(self.text())
        except ValueError:
            raise self.wrong(f"a number is expected here, {self}") from None
        if not low <= number <= high:
            raise self.wrong(f"a number from {low:g} to {high:g} is expected here, {self}")
        return number

    def whole(self, low: int, high: int) -> int:
        """Return a whole number in these bounds."""
        number = self.number(low, high)
        if number != int(number):
            raise self.wrong(f"a whole number is expected here, {self}")
        return int(number)

    def truth(self) -> bool:
        """Return true or false."""
        text = self.text()
        if text not in ("true", "false"):
            raise self.wrong(f"true or false is expected here, {self}")
        return text == "true"

    def _see_tag(self) -> None:
        tag = self.node.tag
        if tag.removeprefix(_TAGS) not in _PLAIN:
            raise self.wrong(
                f"the tag {tag.replace(_TAGS, '!!')} has no meaning here; leave it out"
            )

    def __str__(self) -> str:
        """Return what stands here instead of what was expected."""
        if isinstance(self.node, yaml.SequenceNode):
            return "not a list"
        if isinstance(self.node, yaml.MappingNode):
            return "not names with values"
        return f"not {str(self.node.value)[:80]!r}" if self.node.value else "and nothing is"


def no_such(name: str, known: Mapping[str, Any], of: str) -> str:
    """Return what is said of a name that there is not, with the nearest that there is."""
    meant = nearest(name, known)
    if meant:
        return f"{of} has no {name!r}; did you mean {meant!r}?"
    return f"{of} has no {name!r}; there are {', '.join(known)}"


def read_file(path: Path, shown: str) -> Stated | None:
    """Return what stands in a YAML file; None where nothing does. ``shown`` is what errors call it.

    Raises:
        WrongError: when it cannot be read, or is no YAML.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise WrongError(Place(shown, 1), f"the file cannot be read: {error.strerror}") from None
    if len(raw) > _LARGEST:
        raise WrongError(
            Place(shown, 1), f"the file is larger than {_LARGEST // 1_000_000} MB; make several"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise WrongError(
            Place(shown, line), "this line is not UTF-8; save the file as that"
        ) from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise WrongError(
            Place(shown, line), f"the invisible character U+{error.character:04X} stands here"
        ) from None
    except yaml.MarkedYAMLError as error:
        raise _no_yaml(shown, error) from None
    except RecursionError:
        raise WrongError(Place(shown, 1), "what stands here is nested too deeply") from None
    return None if node is None else Stated(node, shown)


def _no_yaml(shown: str, error: yaml.MarkedYAMLError) -> WrongError:
    said = ", ".join(filter(None, (error.context, error.problem)))
    mark = error.problem_mark or error.context_mark
    if error.context_mark and ("<stream end>" in said or "end of stream" in said):
        mark = error.context_mark  # what is open at the end was opened there
    meant = next((hint for words, hint in _MEANT if words in said), "")
    line = mark.line + 1 if mark else 1
    return WrongError(
        Place(shown, line), f"this is no YAML ({said})" + (f"; {meant}" if meant else "")
    )
